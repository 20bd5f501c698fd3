"""A thermostat that switches elsewhere: who moved, it or the sensor, and what it vouches for."""

from __future__ import annotations

from copy import deepcopy
from math import inf

import pytest

from warmstation_server.diagnosis.isolation import Links, named
from warmstation_server.diagnosis.lead import Lead
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.shift import Shift
from warmstation_server.diagnosis.thermostat import Thermostat

_BEGAN = 1200


def _minute(number: int, room: float, call: float) -> Minute:
    return Minute(60.0 * number, 1.0, room, None, 0.0, call, None, None, True, False, regime=0)


def _switching(edges: list[tuple[int, float]]) -> Thermostat:
    """A thermostat that has learned 19 and 20 degrees, and then switches at these: off, on, off."""
    thermostat = Thermostat()
    usual = [(20 * n, 19.0 if n % 2 else 20.0) for n in range(60)]
    for n, (minute, room) in enumerate([*usual, *[(_BEGAN + at, room) for at, room in edges]]):
        facts = _minute(minute, room, float(n % 2))
        thermostat.after(facts, is_settled=True, may_learn=True)
    return thermostat


def test_switching_levels_have_shifted_when_they_lie_higher_for_longer_than_the_sun_stays() -> None:
    lasting = _switching([(40 * n, 22.0 if n % 2 else 23.0) for n in range(6)])
    sunny = _switching([(20 * n, 22.0 if n % 2 else 23.0) for n in range(6)])
    sunny.after(_minute(1700, 19.5, 1.0), is_settled=True, may_learn=True)

    assert lasting.verdict() == "shifted"
    assert sunny.verdict() is None


def test_no_sun_makes_them_lie_lower() -> None:
    lower = _switching([(10 * n, 16.0 if n % 2 else 17.0) for n in range(4)])
    once = _switching([(10 * n, 16.0 if n % 2 else 20.0) for n in range(4)])

    assert lower.verdict() == "shifted"
    assert lower.shifted_k == pytest.approx(-3.0, abs=0.2)
    assert once.verdict() is None


@pytest.mark.parametrize(
    ("lower_k", "hours", "is_told"), [(1.0, 8, False), (1.0, 26, True), (2.0, 8, True)]
)
@pytest.mark.parametrize(("step_k", "cause"), [(0.0, "setpoint"), (-0.9, "sensor_moved")])
def test_a_turn_of_a_kelvin_is_a_riders_until_it_has_lasted_for_a_day(
    lower_k: float, hours: int, is_told: bool, step_k: float, cause: str
) -> None:
    levels = (19.0 - lower_k, 20.0 - lower_k)
    turned = _switching([(20 * n, levels[0 if n % 2 else 1]) for n in range(3 * hours)])
    said = turned.verdict()
    links = Links(
        thermostat=said,
        turned_k=turned.turned_k(levels[0]),
        blamed_min=turned.blamed_min(turned.at_s),
        shifted_k=turned.shifted_k,
        off_k=turned.off_k(levels[0]),
        step_k=step_k,
        step_min=turned.blamed_min(turned.at_s),
    )
    best = named(links)

    assert said is not None
    assert (best.cause if best else None) == (cause if is_told else None)


def test_call_that_ends_in_the_cold_is_no_open_door() -> None:
    ended = _switching([(0, 17.0)])
    usual = _switching([(0, 20.0)])
    began_s = 60.0 * (_BEGAN - 5)

    assert ended.has_fallen(began_s, 60.0 * (_BEGAN + 60))
    assert not ended.has_fallen(60.0 * (_BEGAN + 1), 60.0 * (_BEGAN + 60))  # it was before that
    assert not usual.has_fallen(began_s, 60.0 * (_BEGAN + 60))


def test_call_that_comes_late_is_believed_until_it_should_have_ended() -> None:
    late = _switching([(0, 20.0), (10, 17.0)])
    at_s = 60.0 * (_BEGAN + 10)

    assert late.has_fallen(at_s - 300.0, at_s + 600.0)
    assert not late.has_fallen(at_s - 300.0, at_s + 1800.0)


def _jumped(jump_k: float) -> Shift:
    shift = Shift()
    for error in (jump_k, *[0.0] * 12):
        shift.after(error, error, 0.1, 3.0)
    return shift


def test_jump_is_the_rooms_own_where_the_thermostat_goes_on_as_usual() -> None:
    jumped = _jumped(-2.0)
    assert jumped.sudden_k < -1.9

    jumped.seen_by_thermostat(-1.8)
    assert jumped.sudden_k < -1.9

    jumped.seen_by_thermostat(-0.1)
    jumped.after(0.0, 0.0, 0.1, 3.0)
    assert jumped.sudden_k == 0.0


def test_sun_that_came_and_went_leaves_no_jump_behind_when_the_first_is_refuted() -> None:
    shift = Shift()
    for error in (2.5, *[0.0] * 20, -2.0, 0.0):
        shift.after(error, error, 0.1, 3.0)
    shift.seen_by_thermostat(0.0)
    shift.after(0.0, 0.0, 0.1, 3.0)

    assert shift.sudden_k == 0.0


def test_sun_may_still_be_on_a_reading_though_the_thermostat_goes_on_as_usual() -> None:
    jumped = _jumped(2.0)
    jumped.seen_by_thermostat(0.0)

    assert jumped.sudden_k == 0.0
    assert jumped.rose_min(0.7) == 36.0
    assert _jumped(-2.0).rose_min(0.7) == inf


def test_sensor_that_has_just_been_moved_is_given_time_to_show_it() -> None:
    shift = Shift()
    shift.after(-2.0, -2.0, 0.1, 3.0)
    shift.seen_by_thermostat(0.0)

    assert shift.sudden_k == -2.0


def test_thermostat_has_not_been_seen_to_be_right_while_the_station_was_closed() -> None:
    thermostat = _switching([])
    at_s = 60.0 * (_BEGAN + 900)
    late = [(900 + 10 * n, 22.0 if n % 2 else 23.0) for n in range(2)]

    assert _switching(late).blamed_min(at_s) == pytest.approx(thermostat.blamed_min(at_s))
    assert _switching(late).blamed_min(at_s) > 900.0


def test_level_is_told_from_how_fast_the_room_falls_when_the_call_comes() -> None:
    """A sensor four minutes quicker than the thermostat's; a room that falls fast or slowly."""
    thermostat, at = Thermostat(), 0
    for n in range(400):
        fall, rise = (0.6, 0.6) if n % 2 else (0.2, 0.3)
        for minute in range(10):
            late = 19.0 - 4.0 * fall + fall * (9 - minute)
            thermostat.after(_minute(at, late, float(minute == 9)), is_settled=True, may_learn=True)
            at += 1
        for minute in range(10):
            early = 21.0 + 4.0 * rise - rise * (9 - minute)
            thermostat.after(_minute(at, early, float(minute < 9)), is_settled=True, may_learn=True)
            at += 1

    assert thermostat.on_spread[0] < 0.25  # of 16.6 and 18.2, which are 0.8 from their mean
    assert thermostat.on_mean[0] == pytest.approx(17.4, abs=0.2)


def test_room_that_sinks_slowly_is_missed_sooner_than_one_that_falls_fast() -> None:
    lead = Lead()
    for n in range(100):
        fall = 0.6 if n % 2 else 0.2
        for minute in range(12):
            lead.after(20.0 - fall * minute, 1.0)
        lead.learn(1, -4.0 * (fall - 0.4))
        lead.slow_c = None
    slow, fast = deepcopy(lead), deepcopy(lead)
    for minute in range(12):
        slow.after(20.0, 1.0)
        fast.after(20.0 - 0.6 * minute, 1.0)

    assert slow.part_k(1) > 0.5
    assert fast.part_k(1) < -0.5
    assert Lead().part_k(1) == 0.0
