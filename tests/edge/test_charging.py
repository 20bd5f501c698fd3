from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import pytest

from warmstation_edge.charging import (
    BLIND_AFTER_S,
    LATCHED,
    LEAKS_FOR_S,
    PROBATION_S,
    REST_S,
    SEEING_FOR_S,
    Facts,
    Limits,
    Point,
    Trip,
    after_facts,
    charge_of,
    closed_by_hand,
    is_welded,
    opened,
    resumed,
    state_of,
    why_not_close,
)
from warmstation_edge.load import FULL_AFTER_S, SETTLES_S, Load, after_power
from warmstation_edge.reading import Missing, Reading

T = TypeVar("T")
LIMITS = Limits(max_w=1200, max_c=60, max_s=8 * 3600)
CLOSED = Point(trip=None)


def facts(
    watts: float | Missing = 500.0, celsius: float | Missing = 20.0, smoke: bool | Missing = False
) -> Facts:
    return Facts(_reading(watts), _reading(celsius), _reading(smoke))


def _reading(value: T | Missing) -> Reading[T]:
    return Reading.without(value) if isinstance(value, Missing) else Reading.of(value)


def sampled(
    point: Point, seen: Facts, start: float, seconds: float, *, charging: bool = True
) -> Point:
    """The point after samples every 5 s, from `start` on for so long."""
    for step in range(int(seconds // 5) + 1):
        point = after_facts(point, seen, charging, LIMITS, start + 5 * step)
    return point


def test_a_phone_charges_from_one_and_a_half_watts_until_it_only_trickles() -> None:
    load, seen = Load(), []
    for at, watts in enumerate((0.0, 1.2, 1.6, 11.0, 1.2, 0.9, 0.7, 1.2)):
        load = after_power(load, "phone", watts, float(at))
        seen.append(load.charging)
    assert seen == [False, False, True, True, True, True, False, False]


def test_energy_is_power_times_time() -> None:
    load = Load(energy_wh=100.0)
    for at in range(0, 3601, 60):
        load = after_power(load, "ebike", 300.0, float(at))
    assert load.energy_wh == pytest.approx(400.0)


def test_time_without_samples_adds_no_energy_and_ends_no_charge() -> None:
    load = after_power(Load(), "ebike", 300.0, 0.0)
    load = after_power(load, "ebike", None, 10.0)
    assert load.charging
    load = after_power(load, "ebike", 300.0, 20.0)
    load = after_power(load, "ebike", 300.0, 20.0 + 3600)
    assert load.energy_wh == pytest.approx(300 * 10 / 3600)


def test_a_point_closes_only_when_power_and_temperature_have_been_known_for_a_while() -> None:
    point = after_facts(Point(), facts(0.0), False, LIMITS, 0.0)
    assert point.trip is Trip.START
    assert sampled(point, facts(0.0, Missing.CRC), 5.0, 60).trip is Trip.START
    assert sampled(point, facts(0.0), 5.0, SEEING_FOR_S).trip is None


@pytest.mark.parametrize(
    ("seen", "trip"),
    [
        (facts(smoke=True), Trip.SMOKE),
        (facts(celsius=60.0), Trip.OVERHEAT),
        (facts(watts=1801.0), Trip.OVERCURRENT),
        (facts(watts=Missing.RANGE), Trip.OVERCURRENT),
    ],
)
def test_danger_opens_at_once_and_stays_open(seen: Facts, trip: Trip) -> None:
    point = after_facts(CLOSED, seen, True, LIMITS, 0.0)
    assert point.trip is trip
    assert sampled(point, facts(0.0), 5.0, 24 * 3600, charging=False).trip is trip


def test_an_inrush_is_no_overcurrent_but_two_samples_are() -> None:
    inrush = after_facts(CLOSED, facts(1300.0), True, LIMITS, 0.0)
    assert inrush.trip is None
    assert after_facts(inrush, facts(300.0), True, LIMITS, 5.0).trip is None
    assert after_facts(inrush, facts(1300.0), True, LIMITS, 5.0).trip is Trip.OVERCURRENT


@pytest.mark.parametrize(
    "seen",
    [
        facts(watts=Missing.ABSENT),
        facts(celsius=Missing.POWER_ON),
        facts(smoke=Missing.ABSENT),
    ],
)
def test_lost_telemetry_opens_after_a_minute_and_closes_when_it_is_back(seen: Facts) -> None:
    assert sampled(CLOSED, seen, 0.0, BLIND_AFTER_S - 5).trip is None
    point = sampled(CLOSED, seen, 0.0, BLIND_AFTER_S)
    assert point.trip is Trip.BLIND
    assert sampled(point, facts(0.0), 100.0, 5, charging=False).trip is Trip.BLIND
    assert sampled(point, facts(0.0), 100.0, 10, charging=False).trip is None


def test_a_charge_ends_after_eight_hours_and_the_same_bike_gets_no_second_one() -> None:
    assert sampled(CLOSED, facts(), 0.0, LIMITS.max_s - 5).trip is None
    point = sampled(CLOSED, facts(), 0.0, LIMITS.max_s)
    assert point.trip is Trip.TOO_LONG
    tripped_at = point.tripped_at
    point = sampled(point, facts(0.0), tripped_at + 5, REST_S - 10, charging=False)
    assert point.trip is Trip.TOO_LONG
    point = sampled(point, facts(0.0), tripped_at + REST_S, 5, charging=False)
    assert point.trip is None
    again_at = tripped_at + REST_S + 10
    assert sampled(point, facts(), again_at, 5).trip is Trip.TOO_LONG
    assert sampled(point, facts(), again_at + PROBATION_S, 5).trip is None


def test_a_pause_begins_a_new_charge() -> None:
    point = sampled(CLOSED, facts(), 0.0, 7 * 3600)
    point = after_facts(point, facts(2.0), False, LIMITS, 7 * 3600 + 5)
    assert sampled(point, facts(), 7 * 3600 + 10, 2 * 3600).trip is None


def test_worse_danger_outweighs_what_had_opened_it() -> None:
    blind = Point(trip=Trip.BLIND)
    assert after_facts(blind, facts(smoke=True), False, LIMITS, 0.0).trip is Trip.SMOKE
    assert after_facts(opened(CLOSED, 0.0), facts(), False, LIMITS, 99.0).trip is Trip.COMMANDED


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (facts(0.0, smoke=True), "smoke persists"),
        (facts(0.0, celsius=55.0), "it is still 55.0 °C warm"),
        (facts(0.0, celsius=Missing.ABSENT), "its temperature is unknown"),
        (facts(Missing.ABSENT), "its power is unknown"),
        (facts(0.0, smoke=Missing.ABSENT), "its smoke detector cannot be read"),
    ],
)
def test_a_command_to_close_is_refused_while_the_cause_persists(seen: Facts, said: str) -> None:
    assert why_not_close(Point(trip=Trip.OVERHEAT), seen, LIMITS, 0.0) == said


def test_a_station_without_a_smoke_detector_charges_all_the_same() -> None:
    without = Facts(Reading.of(500.0), Reading.of(20.0))
    assert sampled(CLOSED, without, 0.0, 10 * BLIND_AFTER_S).trip is None


@pytest.mark.parametrize("trip", sorted(LATCHED))
def test_a_person_may_close_when_the_cause_is_gone(trip: Trip) -> None:
    point = Point(trip=trip)
    assert why_not_close(point, facts(0.0), LIMITS, 0.0) is None
    assert closed_by_hand(point, 0.0).trip is None


def test_states_are_the_words_of_ocpi() -> None:
    idle, busy = Load(), Load(charging=True)
    assert state_of(idle, True, None, False) == "available"
    assert state_of(busy, True, None, False) == "charging"
    assert state_of(busy, False, None, False) == "unknown"
    assert state_of(busy, True, CLOSED, False) == "charging"
    assert state_of(idle, True, CLOSED, True) == "outoforder"
    expected = {
        Trip.START: "unknown",
        Trip.BLIND: "inoperative",
        Trip.TOO_LONG: "inoperative",
        Trip.SMOKE: "inoperative",
        Trip.COMMANDED: "inoperative",
        Trip.FORGOTTEN: "inoperative",
        Trip.OVERCURRENT: "outoforder",
        Trip.OVERHEAT: "outoforder",
    }
    told = {trip: state_of(idle, True, replace(CLOSED, trip=trip), False) for trip in Trip}
    assert told == expected


def powered(load: Load, watts: float, start: float, seconds: float, on_at: float = 0.0) -> Load:
    """The load after samples every 5 s."""
    for step in range(int(seconds // 5) + 1):
        load = after_power(load, "ebike", watts, start + 5 * step, on_at)
    return load


def test_a_pack_is_full_only_when_its_power_stays_low() -> None:
    load = powered(Load(), 200.0, 0.0, 3600)
    low = powered(load, 3.0, 3605, FULL_AFTER_S["ebike"] - 10)
    assert low.charging
    assert not powered(low, 3.0, 3605 + FULL_AFTER_S["ebike"] - 5, 10).charging


def test_a_pack_that_balances_its_cells_is_not_full_yet() -> None:
    """Bursts for forty minutes after it shows 100 %."""
    load, at = powered(Load(), 200.0, 0.0, 3600), 3600.0
    for _ in range(10):
        load = powered(load, 4.0, at + 5, 200)
        load = powered(load, 45.0, at + 205, 40)
        at += 240
        assert load.charging


def test_a_charge_never_ends_right_after_switch_on() -> None:
    load = powered(Load(), 60.0, 5.0, 10)
    assert powered(load, 2.0, 20.0, SETTLES_S - 30).charging
    assert not powered(load, 2.0, 20.0, SETTLES_S).charging


def test_what_draws_through_an_open_contactor_is_welded() -> None:
    point = opened(CLOSED, 100.0)
    assert not is_welded(sampled(point, facts(300.0), 100.0, LEAKS_FOR_S - 5))
    welded = sampled(point, facts(300.0), 100.0, LEAKS_FOR_S)
    assert is_welded(welded)
    assert not is_welded(sampled(welded, facts(0.0), 120.0, 5))
    assert not is_welded(sampled(CLOSED, facts(300.0), 0.0, 60))


def test_one_sample_is_no_proof_of_a_weld_however_late_the_next_one_comes() -> None:
    point = after_facts(opened(CLOSED, 100.0), facts(300.0), False, LIMITS, 100.0)
    late_s = 100.0 + 3 * LEAKS_FOR_S
    assert not is_welded(point)
    assert not is_welded(after_facts(point, facts(0.0), False, LIMITS, late_s))


HOUR_S = 3600.0


def restarted(point: Point, at: float, under_way_s: float = 0.0) -> Point:
    """Closed again after a restart at `at`; what was kept is that much longer by then."""
    charge = charge_of(point, at)
    point = resumed(replace(charge, lasted_s=charge.lasted_s + under_way_s), at)
    assert point.trip is not None, "it starts open"
    return sampled(point, facts(0.0), at, SEEING_FOR_S + 5, charging=False)


def test_a_restart_does_not_begin_the_limit_anew() -> None:
    point = sampled(CLOSED, facts(), 0.0, 5 * HOUR_S)
    point = restarted(point, 5 * HOUR_S + 5)
    assert point.trip is None
    again_at = 5 * HOUR_S + 30
    assert sampled(point, facts(), again_at, 3 * HOUR_S - 60).trip is None
    assert sampled(point, facts(), again_at, 3 * HOUR_S).trip is Trip.TOO_LONG


def test_who_comes_long_after_a_restart_has_the_whole_limit() -> None:
    point = restarted(sampled(CLOSED, facts(), 0.0, 5 * HOUR_S), 5 * HOUR_S)
    later = 5 * HOUR_S + 30 + PROBATION_S
    point = sampled(point, facts(0.0), 5 * HOUR_S + 20, PROBATION_S, charging=False)
    assert sampled(point, facts(), later, LIMITS.max_s - 60).trip is None


def test_a_flutter_of_the_telemetry_does_not_begin_the_limit_anew() -> None:
    point, at = CLOSED, 0.0
    for _ in range(9):
        point = sampled(point, facts(), at, HOUR_S)
        if point.trip is Trip.TOO_LONG:
            break
        point = sampled(point, facts(watts=Missing.ABSENT), at + HOUR_S, BLIND_AFTER_S)
        assert point.trip is Trip.BLIND
        point = sampled(point, facts(0.0), at + HOUR_S + 70, SEEING_FOR_S + 5)
        assert point.trip is None
        at += HOUR_S + 90
    assert point.trip is Trip.TOO_LONG


@pytest.mark.parametrize("trip", [Trip.OVERCURRENT, Trip.OVERHEAT, Trip.SMOKE, Trip.COMMANDED])
def test_what_only_a_person_may_close_stays_open_over_a_restart(trip: Trip) -> None:
    point = restarted(replace(CLOSED, trip=trip), 100.0)
    assert point.trip is trip
    assert closed_by_hand(point, 200.0).trip is None


def test_a_person_who_closes_begins_a_new_charge() -> None:
    point = sampled(CLOSED, facts(), 0.0, LIMITS.max_s)
    assert point.trip is Trip.TOO_LONG
    point = closed_by_hand(point, LIMITS.max_s + 60)
    assert sampled(point, facts(), LIMITS.max_s + 65, HOUR_S).trip is None


@pytest.mark.parametrize("trip", [Trip.COMMANDED, Trip.SMOKE, Trip.OVERCURRENT])
def test_heat_is_told_whatever_a_point_is_open_for(trip: Trip) -> None:
    """A battery may burn long after its contactor has opened, and where there is smoke already."""
    point = Point(trip=trip)
    seen = facts(0.0, celsius=61.0, smoke=trip is Trip.SMOKE)
    assert after_facts(point, seen, False, LIMITS, 5.0).trip is Trip.OVERHEAT


@pytest.mark.parametrize("trip", sorted(LATCHED - {Trip.FORGOTTEN}))
def test_a_command_to_open_does_not_end_what_is_told(trip: Trip) -> None:
    assert opened(Point(trip=trip), 5.0).trip is trip


def test_a_command_to_open_outlives_a_past_that_is_told_late() -> None:
    """Else a card that comes back could close what a person has opened."""
    assert opened(Point(trip=Trip.FORGOTTEN), 5.0).trip is Trip.COMMANDED


def test_smoke_and_less_do_not_hide_what_a_point_itself_has() -> None:
    for trip in (Trip.OVERHEAT, Trip.OVERCURRENT):
        point = Point(trip=trip)
        assert after_facts(point, facts(0.0, smoke=True), False, LIMITS, 5.0).trip is trip
        assert sampled(point, facts(Missing.ABSENT), 5.0, 600, charging=False).trip is trip
