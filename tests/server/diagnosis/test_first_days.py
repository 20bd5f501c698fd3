"""What is told before anything was learned: only what is so by any station's habits."""

from __future__ import annotations

import random

import pytest

from warmstation_server.diagnosis.config import HeatingConfig
from warmstation_server.diagnosis.sample import Sample
from warmstation_server.diagnosis.station import Diagnosis

_NINE_S = 9 * 3600


def _after_minutes(
    minutes: int,
    *,
    call: float,
    excess_k: float,
    rise_k: float = 0.0,
    watts: float | None = None,
    outdoor_c: float | None = 0.0,
    from_s: float = _NINE_S,
) -> list[str]:
    """Causes told of a station's first minutes, all alike."""
    diagnosis, noise = Diagnosis(HeatingConfig()), random.Random(1)
    told: list[str] = []
    for n in range(minutes):
        room_c = 19.0 + rise_k * n / 60.0 + noise.gauss(0.0, 0.05)
        sample = Sample(from_s + 60.0 * n, room_c, room_c + excess_k, outdoor_c, call, watts, 1.0)
        told += [finding.cause for finding in diagnosis.after(sample)]
    return told


def test_a_heater_that_is_cold_from_the_first_report_is_told_once() -> None:
    assert _after_minutes(25, call=1.0, excess_k=0.2, rise_k=-1.0) == []
    assert _after_minutes(150, call=1.0, excess_k=0.2, rise_k=-1.0) == ["no_heat"]


def test_a_room_that_is_held_far_above_the_outdoors_by_night_is_heated_by_little() -> None:
    held = {"call": 1.0, "excess_k": 0.2, "from_s": 2.0 * 3600.0}

    assert _after_minutes(150, **held) == []
    assert _after_minutes(150, **held, outdoor_c=15.0) == ["no_heat"]
    assert _after_minutes(150, **held, outdoor_c=None) == ["no_heat"]
    assert _after_minutes(150, call=1.0, excess_k=0.2) == ["no_heat"]


@pytest.mark.parametrize(
    ("watts", "known"),
    [
        (0.0, {"link": "power", "power_w": 0.0}),
        (900.0, {"link": "outlet", "outlet_excess_k": 0.25}),
        (None, {"link": "outlet", "outlet_excess_k": 0.25}),
    ],
)
def test_only_what_is_known_is_said_of_a_heater_that_was_never_seen_warm(
    watts: float | None, known: dict[str, float | str]
) -> None:
    diagnosis = Diagnosis(HeatingConfig())
    told = []
    for n in range(60):
        room_c = 19.0 - n / 64.0
        sample = Sample(_NINE_S + 60.0 * n, room_c, room_c + 0.25, 0.0, 1.0, watts, 1.0)
        told += [found for found in diagnosis.after(sample) if found.cause == "no_heat"]
    assert [dict(found.evidence) for found in told] == [known]


def test_a_room_that_warms_up_is_heated_whatever_the_outlet_shows() -> None:
    assert _after_minutes(300, call=1.0, excess_k=0.2, rise_k=2.0) == []


def test_a_heater_that_is_warm_is_left_in_peace_with_and_without_a_call() -> None:
    assert _after_minutes(300, call=1.0, excess_k=20.0) == []
    assert _after_minutes(300, call=0.0, excess_k=0.2) == []


def test_heat_that_was_never_called_for_is_told_of_a_new_station() -> None:
    assert _after_minutes(35, call=0.0, excess_k=20.0) == []
    assert _after_minutes(120, call=0.0, excess_k=20.0) == ["stuck_on"]


def test_heat_that_is_not_called_for_is_told_where_no_day_was_cold_enough_to_learn_it() -> None:
    diagnosis, noise = Diagnosis(HeatingConfig()), random.Random(1)
    told: list[tuple[int, str, float]] = []
    began = 6 * 1440
    for n in range(began + 240):
        room_c = 21.0 + noise.gauss(0.0, 0.05)
        sample = Sample(_NINE_S + 60.0 * n, room_c, room_c + 20.0 * (n >= began), 15.0, 0.0)
        told += [(n - began, f.cause, f.since_s) for f in diagnosis.after(sample)]

    assert [(n, cause) for n, cause, _ in told] == [(40, "stuck_on")]
    assert told[0][2] == pytest.approx(_NINE_S + 60.0 * began, abs=120.0)


def test_a_meter_that_flows_without_a_call_is_told_of_a_new_station() -> None:
    assert _after_minutes(120, call=0.0, excess_k=3.0, watts=2000.0) == ["stuck_on"]


@pytest.mark.parametrize("watts", [0.0, None])
def test_a_meter_that_never_flowed_is_no_witness(watts: float | None) -> None:
    assert _after_minutes(60, call=1.0, excess_k=20.0, watts=watts) == []


def test_a_meter_that_stops_flowing_under_a_call_is_told_within_a_quarter_of_an_hour() -> None:
    diagnosis = Diagnosis(HeatingConfig())
    told: list[tuple[float, str]] = []
    since: list[float] = []
    for n in range(90):
        sample = Sample(_NINE_S + 60.0 * n, 19.0 + 0.1 * (n % 3), None, 0.0, 1.0, 2000.0 * (n < 60))
        for finding in diagnosis.after(sample):
            told.append((n, finding.cause))
            since.append(finding.since_s)

    assert [cause for _, cause in told] == ["no_heat"]
    assert told[0][0] < 75
    assert since == [pytest.approx(_NINE_S + 60.0 * 60, abs=120.0)]
