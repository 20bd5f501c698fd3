"""Cold, and nobody calls for heat: set lower, not opened, or without power?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from warmstation_server.diagnosis.guess import CallGuess
from warmstation_server.diagnosis.isolation import Links, named
from warmstation_server.diagnosis.nobody_calls import Uncertain, shares, told
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.thermostat import Thermostat

_COUNTED = Uncertain(silence=0.3, passed_late=True)
_BEGAN = 1200


def _minute(number: int, room: float, call: float | None, excess_k: float | None = None) -> Minute:
    at_s = 60.0 * number
    return Minute(at_s, 1.0, room, excess_k, 0.0, call, None, None, True, False, regime=0)


def _lived(*parts: tuple[int, float, float, float]) -> Thermostat:
    """A thermostat that has learned 19 and 20 degrees, and then lives these parts, each of so many
    minutes, from a reading to another, with a call or none."""
    thermostat, at = Thermostat(), 0
    for at in range(_BEGAN):
        facts = _minute(at, 19.0 + (at % 20) / 20.0, float(at % 40 < 20))
        thermostat.after(facts, is_settled=True, may_learn=True)
    for minutes, begins, ends, call in parts:
        for n in range(minutes):
            at += 1
            facts = _minute(at, begins + (ends - begins) * n / minutes, call)
            thermostat.after(facts, is_settled=True, may_learn=False)
    return thermostat


@pytest.mark.parametrize(
    "seen",
    [
        Uncertain(),
        Uncertain(fallen_k=9.0, silence=80.0),
        Uncertain(is_dead=True, is_fed=True, below_night=True),
    ],
)
def test_what_is_likely_is_shared_out_whole(seen: Uncertain) -> None:
    assert sum(shares(seen)) == pytest.approx(1.0)
    assert min(shares(seen)) >= 0.0


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (Uncertain(), None),  # three stories, each of them likely
        (_COUNTED, None),
        (replace(_COUNTED, is_fed=True), "setpoint"),  # the meter shows its standby
        (replace(_COUNTED, fallen_k=4.0), None),
        (replace(_COUNTED, fallen_k=6.0), "power_lost"),  # nobody sets it so low
        (Uncertain(fallen_k=6.0), "power_lost"),
        (Uncertain(is_dead=True), "power_lost"),
        (Uncertain(is_dead=True, silence=1.0), None),  # who closes may switch off all there is
        (Uncertain(is_dead=True, silence=0.3, passed_late=True), "power_lost"),
        (Uncertain(silence=4.0), None),
        (Uncertain(silence=9.0), "closed"),
        (Uncertain(silence=9.0, is_dead=True), "closed"),
        (Uncertain(silence=9.0, fallen_k=8.0), "closed"),
        (replace(_COUNTED, waited_min=250.0, fallen_k=2.0), "setpoint"),  # it falls too slowly
        (replace(_COUNTED, waited_min=250.0, fallen_k=5.0), "power_lost"),
        (replace(_COUNTED, is_pressing=True, fallen_k=2.0), "setpoint"),
        (Uncertain(waited_min=250.0, silence=4.0), "closed"),
    ],
)
def test_what_is_likely_enough_is_told_and_the_rest_waits(
    seen: Uncertain, cause: str | None
) -> None:
    best = told(seen)

    assert (best[0] if best else None) == cause
    assert best is None or 0.0 < best[1] <= 1.0


def test_without_a_counter_nobody_is_sure_that_it_was_not_closed() -> None:
    counted, uncounted = told(replace(_COUNTED, fallen_k=7.0)), told(Uncertain(fallen_k=7.0))

    assert counted is not None
    assert uncounted is not None
    assert (counted[0], uncounted[0]) == ("power_lost", "power_lost")
    assert counted[1] > 0.9
    assert uncounted[1] <= 0.5


def test_what_was_told_keeps_its_name_until_another_is_likely_enough() -> None:
    lowered = replace(_COUNTED, fallen_k=4.0, before="setpoint")

    assert told(lowered) == ("setpoint", shares(lowered)[0])
    assert told(replace(lowered, fallen_k=6.0)) == ("power_lost", shares(_fallen(6.0))[2])


def _fallen(fallen_k: float) -> Uncertain:
    return replace(_COUNTED, fallen_k=fallen_k)


def test_call_that_comes_and_goes_lower_is_a_lower_set_point() -> None:
    missing = _lived((60, 19.0, 15.5, 0.0))
    answered = _lived((60, 19.0, 15.5, 0.0), (15, 15.5, 16.5, 1.0))
    lowered = _lived((60, 19.0, 15.5, 0.0), (15, 15.5, 16.5, 1.0), (2, 16.5, 16.4, 0.0))

    assert missing.verdict() == "missing"
    assert missing.uncalled.fallen_k == pytest.approx(3.3, abs=0.4)
    assert answered.verdict() is None
    assert answered.uncalled.waited_min == 0.0
    assert answered.is_weighing
    assert lowered.verdict() == "lowered"
    assert not lowered.is_weighing


def test_call_that_keeps_the_room_low_is_a_lower_set_point_too() -> None:
    kept = _lived((60, 19.0, 15.5, 0.0), (60, 15.5, 16.0, 1.0))
    heated_up = _lived((60, 19.0, 15.5, 0.0), (60, 15.5, 19.5, 1.0))

    assert kept.verdict() == "lowered"
    assert heated_up.verdict() is None


def test_power_that_came_back_heats_up_to_where_it_was() -> None:
    back = _lived((60, 19.0, 15.5, 0.0), (100, 15.5, 20.0, 1.0), (20, 20.0, 19.0, 0.0))

    assert back.verdict() is None
    assert not back.is_weighing


def test_set_point_that_is_lower_stays_so_while_the_room_swings_below_the_old_one() -> None:
    swings = [(30, 16.5, 15.5, 0.0), (5, 15.5, 16.5, 1.0)] * 3
    thermostat = _lived((60, 19.0, 15.5, 0.0), *swings, (20, 16.5, 15.6, 0.0))

    assert thermostat.missing.is_raised
    assert thermostat.verdict() == "lowered"


def test_relay_that_fell_silent_in_the_cold_lives_on_the_supply_that_failed() -> None:
    guess = CallGuess()
    for n in range(600):
        guess.filled(_minute(n, 20.0, float(n % 20 < 10), excess_k=25.0 if n % 20 < 10 else 2.0))
    silent = [_minute(600 + n, 18.0, None, excess_k=0.5) for n in range(60)]
    for minute in silent:
        guess.filled(minute)

    assert [minute.call for minute in (silent[10], silent[50])] == [None, 0.0]
    assert guess.fell_silent(silent[-1].at_s)
    assert not guess.fell_silent(silent[-1].at_s + 86400.0)  # it is no longer told at all
    links = Links(thermostat="missing", call_is_guessed=True)
    lost, unheated = named(replace(links, call_fell_silent=True)), named(links)
    assert lost is not None
    assert unheated is not None
    assert (lost.cause, unheated.cause) == ("power_lost", "no_heat")
