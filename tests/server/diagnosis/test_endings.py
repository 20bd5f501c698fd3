"""One trouble is one finding, however long it lasts, and it is over when it has been seen to be."""

from __future__ import annotations

import pytest

from tests.bench.heating_faults import FAULTS
from tests.bench.heating_trouble import Trouble
from tests.support.heated import findings_after, learned
from warmstation_server.diagnosis.chain import chain_findings
from warmstation_server.diagnosis.config import HeatingConfig, Kind
from warmstation_server.diagnosis.finding import Finding
from warmstation_server.diagnosis.parts import Parts
from warmstation_server.diagnosis.sample import Minute

_LIMITS = ("cold", "hot", "frost")


def _troubles(findings: list[Finding]) -> list[str]:
    return [finding.cause for finding in findings if finding.cause not in _LIMITS]


@pytest.mark.parametrize(
    ("kind", "fault", "cause"),
    [
        ("electric", "half_heat", "weak_heat"),
        ("electric", "overheat", "overheat"),
        ("electric", "detached", "outlet_detached"),
        ("radiator", "detached", "outlet_detached"),
        ("electric", "closed", "closed"),
        ("heatpump", "closed", "closed"),
    ],
)
def test_a_trouble_is_told_once_through_a_night_without_calls(
    kind: Kind, fault: str, cause: str
) -> None:
    world, diagnosis = learned(kind)
    FAULTS[fault][0](world)

    assert _troubles(findings_after(world, diagnosis, 24.0)) == [cause]


@pytest.mark.parametrize("fault", ["half_heat", "overheat", "detached"])
def test_a_heater_that_was_mended_is_well_after_half_an_hour_of_calls(fault: str) -> None:
    world, diagnosis = learned()
    FAULTS[fault][0](world)
    told = findings_after(world, diagnosis, 3.0)
    world.trouble = Trouble()
    later = findings_after(world, diagnosis, 6.0)

    assert (len(told), _troubles(later), set(diagnosis.standing)) == (1, [], set())


@pytest.mark.parametrize("kind", ["electric", "radiator"])
def test_a_door_that_stands_open_is_not_over_before_the_room_gains_back_what_it_took(
    kind: Kind,
) -> None:
    world, diagnosis = learned(kind)
    world.trouble.door_share = 0.5
    told = _troubles(findings_after(world, diagnosis, 5.0))
    after_hours = set(diagnosis.standing) - set(_LIMITS)
    world.trouble = Trouble()
    later = _troubles(findings_after(world, diagnosis, 1.5))

    assert (told, after_hours) == (["door_open"], {"door_open"})
    assert (later, set(diagnosis.standing) - set(_LIMITS)) == ([], set())


def test_a_station_that_is_visited_again_is_open_and_its_thermostat_is_not_blamed() -> None:
    world, diagnosis = learned()
    world.trouble.closed = True
    told = _troubles(findings_after(world, diagnosis, 3.0))
    world.trouble = Trouble()
    later = _troubles(findings_after(world, diagnosis, 3.0))

    assert (told, later) == (["closed"], [])
    assert not set(diagnosis.standing) - set(_LIMITS)


@pytest.mark.parametrize("kind", ["electric", "heatpump"])
def test_a_sensor_that_is_stuck_has_not_been_moved_as_well(kind: Kind) -> None:
    world, diagnosis = learned(kind, metered=kind == "heatpump")
    world.trouble.frozen = True
    told = _troubles(findings_after(world, diagnosis, 24.0))
    world.trouble = Trouble()

    assert told + _troubles(findings_after(world, diagnosis, 3.0)) == ["sensor_stuck"]


def _content(number: int, call: float | None) -> Minute:
    return Minute(60.0 * number, 1.0, 20.0, None, 0.0, call, None, None, True, False, regime=0)


def _ended_min(trouble: str, call: float | None) -> int | None:
    """After how many minutes in which nothing seems wrong the trouble is over."""
    first = 4 * 1440
    parts = Parts(begun_s=0.0, trouble=trouble, trouble_since_s=60.0 * first)
    for number in range(first, first + 5 * 1440):
        chain_findings(HeatingConfig(), parts, _content(number, call), None, room_ok=True)
        if parts.trouble is None:
            return number - first + 1
    return None


def test_what_nobody_calls_for_is_not_known_to_be_mended_and_is_forgotten_in_three_days() -> None:
    assert _ended_min("no_heat", 1.0) == 30
    assert _ended_min("no_heat", None) == 30
    assert _ended_min("no_heat", 0.0) == pytest.approx(3 * 1440, abs=1)
    assert _ended_min("stuck_on", 0.0) == 30


def test_a_closed_station_is_open_when_somebody_has_come() -> None:
    assert _ended_min("closed", 0.0) == pytest.approx(3 * 1440, abs=1)
