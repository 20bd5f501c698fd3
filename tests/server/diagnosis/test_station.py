"""The chain as a whole: what it says of a learned station that breaks in one way."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.bench.heating_world import World
from tests.support.heated import LEARNED_DAYS, findings_after, healthy_findings, learned
from warmstation_server.diagnosis.config import HeatingConfig, Kind
from warmstation_server.diagnosis.errors import BadState
from warmstation_server.diagnosis.finding import Finding
from warmstation_server.diagnosis.sample import Sample
from warmstation_server.diagnosis.station import STATE_VERSION, Diagnosis


def _causes(findings: list[Finding]) -> list[str]:
    return [finding.cause for finding in findings]


@pytest.mark.parametrize("kind", ["electric", "heatpump", "radiator"])
def test_a_healthy_station_is_left_in_peace(kind: Kind) -> None:
    assert healthy_findings(kind, metered=False) == ()


def test_dead_heater_without_a_meter_is_named_by_its_cold_outlet() -> None:
    world, diagnosis = learned()
    world.trouble.heat_share = 0.0

    first = findings_after(world, diagnosis, 3.0)[0]

    assert first.cause == "no_heat"
    assert first.evidence["link"] == "outlet"
    assert first.since_s <= first.at_s


def test_dead_heater_with_a_meter_is_named_by_the_power() -> None:
    world, diagnosis = learned(metered=True)
    world.trouble.heat_share = world.trouble.power_share = 0.0

    first = findings_after(world, diagnosis, 3.0)[0]

    assert (first.cause, first.evidence["link"]) == ("no_heat", "power")
    assert first.confidence > 0.9


@pytest.mark.parametrize(("share", "cause"), [(0.0, "no_heat"), (0.5, "weak_heat")])
def test_heat_that_is_paid_for_and_does_not_come_is_no_matter_of_the_probe(
    share: float, cause: str
) -> None:
    """Power, and a cold outlet, and a room that cools: the fan or the element."""
    world, diagnosis = learned(metered=True)
    world.trouble.heat_share = share

    assert _causes(findings_after(world, diagnosis, 3.0))[:1] == [cause]


def test_a_probe_that_fell_off_a_heater_that_is_metered_is_no_dead_heater() -> None:
    world, diagnosis = learned(metered=True)
    world.trouble.detached = True

    assert _causes(findings_after(world, diagnosis, 3.0)) == ["outlet_detached"]


def test_half_the_heat_is_weak_heat() -> None:
    world, diagnosis = learned()
    world.trouble.heat_share = 0.5

    assert _causes(findings_after(world, diagnosis, 3.0))[:1] == ["weak_heat"]


def test_heat_that_nobody_called_for_is_stuck_on() -> None:
    world, diagnosis = learned()
    world.trouble.stuck_on = True

    assert _causes(findings_after(world, diagnosis, 3.0))[:1] == ["stuck_on"]


def test_probe_that_fell_off_is_not_taken_for_a_dead_heater() -> None:
    world, diagnosis = learned()
    world.trouble.detached = True

    assert _causes(findings_after(world, diagnosis, 3.0))[:1] == ["outlet_detached"]


def test_door_that_stands_open_is_told_within_the_hour() -> None:
    world, diagnosis = learned()
    world.trouble.door_share = 0.8

    assert _causes(findings_after(world, diagnosis, 1.0))[:1] == ["door_open"]


def test_reading_that_never_changes_is_a_stuck_sensor() -> None:
    world, diagnosis = learned()
    world.trouble.frozen = True

    assert _causes(findings_after(world, diagnosis, 1.5))[:1] == ["sensor_stuck"]


def test_sensor_that_went_away_is_told_within_three_minutes_and_once() -> None:
    world, diagnosis = learned()
    gone_s = world.t_s
    world.trouble.disconnected = True

    findings = findings_after(world, diagnosis, 2.0)

    assert _causes(findings) == ["sensor_fault"]
    assert findings[0].at_s - gone_s <= 180.0


def test_a_sensor_that_spikes_is_told_and_no_door_beside_it() -> None:
    world, diagnosis = learned()
    rng = random.Random(2)

    def spiking(sample: Sample) -> Sample:
        if rng.random() > 0.25 or sample.room_c is None:
            return sample
        return replace(sample, room_c=sample.room_c + rng.choice([-1, 1]) * rng.uniform(6, 40))

    assert _causes(findings_after(world, diagnosis, 3.0, spiking)) == ["sensor_fault"]


def test_dead_heater_is_told_once_however_long_it_lasts() -> None:
    world, diagnosis = learned()
    world.trouble.heat_share = 0.0

    causes = _causes(findings_after(world, diagnosis, 6.0))

    assert causes.count("no_heat") == 1
    assert "cold" not in causes


@pytest.mark.parametrize(
    "without",
    [
        pytest.param(lambda sample: replace(sample, door_count=None), id="door_count"),
        pytest.param(lambda sample: replace(sample, outdoor_c=None), id="outdoor_c"),
    ],
)
def test_a_missing_column_is_no_trouble_and_hides_none(
    without: Callable[[Sample], Sample],
) -> None:
    world, diagnosis = learned()
    assert findings_after(world, diagnosis, 2.0, without) == []
    world.trouble.heat_share = 0.0
    assert _causes(findings_after(world, diagnosis, 3.0, without))[:1] == ["no_heat"]


def test_a_station_that_reports_nothing_has_no_sensor_to_blame_but_its_supply() -> None:
    world, diagnosis = learned()

    def silent(sample: Sample) -> Sample:
        return Sample(at_s=sample.at_s)

    assert findings_after(world, diagnosis, 0.4, silent) == []
    assert _causes(findings_after(world, diagnosis, 2.0, silent)) == ["power_lost"]


@pytest.mark.parametrize("cut", [7, 31, 64, 113])
def test_state_goes_through_json_at_any_cut_and_the_future_is_the_same(cut: int) -> None:
    world, through = learned()
    cut_up = Diagnosis.restore(world.building.config(), through.state())
    world.trouble.heat_share = 0.3
    said: list[list[Finding]] = [[], []]
    for number in range(240):
        sample = world.advance()
        if sample is None:
            continue
        if number % cut == 0:
            saved = json.loads(json.dumps(cut_up.state()))
            cut_up = Diagnosis.restore(world.building.config(), saved)
        said[0] += through.after(sample)
        said[1] += cut_up.after(sample)

    assert said[0]
    assert said[0] == said[1]
    assert through.state() == cut_up.state()


def test_state_fits_into_4_kilobytes() -> None:
    _, diagnosis = learned("heatpump", metered=True)

    assert len(json.dumps(diagnosis.state(), separators=(",", ":"))) <= 4096


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"version": 0, "parts": {}},
        {"version": STATE_VERSION, "parts": None},
        {"version": STATE_VERSION, "parts": {"rest": [[], []], "floats": ""}},
        {"version": STATE_VERSION, "parts": {"rest": 3, "floats": "eJwDAAAAAAE="}},
    ],
)
def test_state_of_another_kind_is_refused(state: dict[str, object]) -> None:
    with pytest.raises(BadState):
        Diagnosis.restore(HeatingConfig(), state)


def test_repeated_and_backward_times_change_nothing() -> None:
    world, diagnosis = learned()
    sample = next(s for s in iter(world.advance, object()) if s is not None)
    diagnosis.after(sample)
    before = diagnosis.state()

    assert diagnosis.after(sample) == []
    assert diagnosis.after(replace(sample, at_s=sample.at_s - 600.0, room_c=3.0)) == []
    assert diagnosis.state() == before


def test_first_three_days_name_nothing_but_limits_still_hold() -> None:
    diagnosis = Diagnosis(HeatingConfig(open_h=8.0, close_h=20.0))
    findings: list[Finding] = []
    for minute in range(24 * 60):
        freezing = 4.0 + 0.1 * (minute % 3)
        findings += diagnosis.after(Sample(at_s=60.0 * minute, room_c=freezing, heater_on=1.0))

    assert {finding.cause for finding in findings} == {"frost", "cold"}


def test_room_without_any_other_sensor_still_has_a_net_and_a_watched_sensor() -> None:
    world, _ = learned()
    diagnosis = Diagnosis(world.building.config())
    fresh = World.of(4, "electric", 60.0, metered=False, harsh=False)

    def bare(sample: Sample) -> Sample:
        return Sample(at_s=sample.at_s, room_c=sample.room_c)

    assert findings_after(fresh, diagnosis, 24.0 * LEARNED_DAYS, bare) == []
    fresh.trouble.frozen = True
    assert _causes(findings_after(fresh, diagnosis, 6.0, bare))[:1] == ["sensor_stuck"]


def test_cooling_is_the_mirror_image() -> None:
    world, _ = learned()
    config = replace(world.building.config(), mode="cool", setpoint=26.0)
    diagnosis = Diagnosis(config)
    fresh = World.of(4, "electric", 60.0, metered=False, harsh=False)
    fresh.building.loss_rate = fresh.building.outages_a_month = 0.0

    def mirrored(sample: Sample) -> Sample:
        def flip(value: float | None) -> float | None:
            return None if value is None or value == 85.0 else 46.0 - value

        return replace(
            sample,
            room_c=flip(sample.room_c),
            outlet_c=flip(sample.outlet_c),
            outdoor_c=flip(sample.outdoor_c),
        )

    causes = _causes(findings_after(fresh, diagnosis, 24.0 * LEARNED_DAYS, mirrored))
    assert set(causes) <= {"hot"}
    fresh.trouble.heat_share = 0.0
    broken = findings_after(fresh, diagnosis, 3.0, mirrored)
    assert "no_heat" in _causes(broken)
    named = next(finding for finding in broken if finding.cause == "no_heat")
    assert "制冷" in named.as_json()["advice"]["zh"]


def test_a_heater_that_never_reports_its_call_is_missed_by_its_warmth() -> None:
    fresh = World.of(4, "electric", 60.0, metered=False, harsh=False)
    fresh.building.outages_a_month = 0.0
    diagnosis = Diagnosis(fresh.building.config())

    def uncalled(sample: Sample) -> Sample:
        return replace(sample, heater_on=None)

    assert findings_after(fresh, diagnosis, 24.0 * LEARNED_DAYS, uncalled) == []
    fresh.trouble.heat_share = 0.0
    first = findings_after(fresh, diagnosis, 4.0, uncalled)[0]
    assert (first.cause, first.evidence["link"]) == ("no_heat", "call")


def test_a_pump_that_throttles_is_not_stuck_on_where_its_outlet_alone_tells_of_a_call() -> None:
    fresh = World.of(4, "heatpump", 60.0, metered=False, harsh=False)
    fresh.building.loss_rate = fresh.building.outages_a_month = 0.0
    diagnosis = Diagnosis(fresh.building.config())
    most_k = 0.0

    def uncalled(sample: Sample) -> Sample:
        nonlocal most_k
        most_k = max(most_k, (sample.outlet_c or 0.0) - (sample.room_c or 0.0))
        return replace(sample, heater_on=None)

    def throttled(sample: Sample) -> Sample:
        room = sample.room_c
        outlet = None if room is None else room + 0.25 * most_k
        return replace(sample, heater_on=None, outlet_c=outlet)

    findings_after(fresh, diagnosis, 24.0 * LEARNED_DAYS, uncalled)
    assert "stuck_on" not in _causes(findings_after(fresh, diagnosis, 1.0, throttled))


def test_a_heater_that_cools_is_not_dead_where_its_outlet_alone_tells_of_a_call() -> None:
    fresh = World.of(5, "radiator", 60.0, metered=False, harsh=False)
    fresh.building.loss_rate = fresh.building.outages_a_month = 0.0
    diagnosis = Diagnosis(fresh.building.config())
    findings_after(fresh, diagnosis, 24.0 * LEARNED_DAYS, lambda s: replace(s, heater_on=None))
    outlet = diagnosis._parts.outlet
    outlet.none.is_raised, outlet.none.level = True, 9.0

    told = findings_after(fresh, diagnosis, 1.0, lambda s: replace(s, heater_on=None))
    assert "no_heat" not in _causes(told)


def test_a_probe_that_fell_off_a_pump_is_not_told_anew_at_every_run() -> None:
    """Half an hour at rest ends what was told; the next needs evidence of its own."""
    diagnosis, noise = Diagnosis(HeatingConfig(kind="heatpump", open_h=0, close_h=24)), _noise()
    told: list[Finding] = []
    room_c, heat_k = 20.0, 0.0
    for n in range(6 * 1440):
        call = float(n % 45 < 6)
        heat_k += 0.35 * (14.0 * call - heat_k)
        room_c += 0.01 * heat_k - 0.002 * (room_c - 5.0) + 0.0002 * (20.0 - room_c)
        is_off = 5 * 1440 < n < 5 * 1440 + 480
        outlet_c = room_c + (0.0 if is_off else heat_k) + noise()
        sample = Sample(60.0 * n, round(room_c + noise(), 2), round(outlet_c, 2), 5.0, call)
        told += diagnosis.after(sample)

    assert _causes(told).count("outlet_detached") == 1


def _noise() -> Callable[[], float]:
    rng = random.Random(4)
    return lambda: rng.gauss(0.0, 0.05)
