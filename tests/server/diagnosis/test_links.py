"""Each link of the chain by itself, with numbers small enough to follow by hand."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.support.minutes import a_minute
from warmstation_server.diagnosis.contact import Contact
from warmstation_server.diagnosis.door import Door
from warmstation_server.diagnosis.power import Power
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.thermostat import Thermostat
from warmstation_server.diagnosis.wear import Wear


def test_a_call_that_always_came_at_night_is_missed_at_night() -> None:
    thermostat = Thermostat()
    for n in range(40):
        night = a_minute(n, room=14.0, call=float(n % 2))
        night.regime = 1
        thermostat.after(night, is_settled=False, may_learn=True)
    said = []
    for n in range(40, 60):
        night = a_minute(n, room=11.0, is_open=False)
        night.regime = 1
        said.append(thermostat.after(night, is_settled=False, may_learn=False))

    assert (said[10], said[-1]) == (None, "missing")


@pytest.mark.parametrize(("watts", "verdict"), [(0.0, "none"), (1000.0, "weak"), (2000.0, None)])
def test_power_under_call_against_its_usual(watts: float, verdict: str | None) -> None:
    power = Power()
    for n in range(120):
        power.after(a_minute(n, call=1.0, watts=2000.0), "electric", may_learn=True)
    said = [
        power.after(a_minute(120 + n, call=1.0, watts=watts), "electric", may_learn=True)
        for n in range(7)
    ]

    assert said[-1] == verdict


def test_power_without_call_is_stuck_and_lost_standby_is_a_dead_supply() -> None:
    stuck, dead = Power(), Power()
    for n in range(400):
        for power in (stuck, dead):
            called = n < 60
            power.after(
                a_minute(n, call=float(called), watts=2000.0 if called else 8.0),
                "electric",
                may_learn=True,
            )
    for n in range(400, 408):
        stuck.after(a_minute(n, call=0.0, watts=2000.0), "electric", may_learn=True)
        dead.after(a_minute(n, call=0.0, watts=0.0), "electric", may_learn=True)

    assert (stuck.verdict(), dead.verdict()) == ("stuck", "dead")


def _rare(number: int, **values: float) -> Minute:
    return replace(a_minute(15 * number, **values), length_min=15.0)


def test_a_meter_that_shows_means_contradicts_no_instant() -> None:
    """A quarter of an hour has two switchings: the call is of its end, the draw of all of it."""
    means, instants, rng = Power(), Power(), random.Random(1)
    said = set()
    for n in range(700):
        call = float(n % 3 == 0 or n < 20)
        watts = 2000.0 if n < 20 else 2000.0 * rng.uniform(0.05, 0.85)
        said.add(means.after(_rare(n, call=call, watts=watts), "electric", may_learn=True))
        instants.after(_rare(n, call=call, watts=2000.0 * call), "electric", may_learn=True)
    said_of_instants = [
        instants.after(_rare(n, call=1.0, watts=0.0), "electric", may_learn=True)
        for n in range(700, 704)
    ]

    assert said == {None}
    assert said_of_instants == [None, "none", "none", "none"]


def test_a_relay_that_is_welded_is_told_by_a_meter_that_shows_means_too() -> None:
    power, rng = Power(), random.Random(1)
    for n in range(700):
        call = float(n % 3 == 0 or n < 20)
        watts = 2000.0 if n < 20 else 2000.0 * rng.uniform(0.05, 0.85)
        power.after(_rare(n, call=call, watts=watts), "electric", may_learn=True)
    said = [
        power.after(_rare(n, call=0.0, watts=2000.0), "electric", may_learn=True)
        for n in range(700, 730)
    ]

    assert said[-1] == "stuck"


def test_meter_whose_noise_has_gone_is_dead_and_one_that_always_showed_nothing_is_not() -> None:
    noisy, silent = Power(), Power()
    for n in range(1500):
        called = n < 20
        watts = 2000.0 if called else 0.2 * (n % 2)
        noisy.after(a_minute(n, call=float(called), watts=watts), "electric", may_learn=True)
        silent.after(
            a_minute(n, call=float(called), watts=2000.0 * called), "electric", may_learn=True
        )
    noisy_said = [
        noisy.after(a_minute(n, watts=0.0), "electric", may_learn=True) for n in range(1500, 1540)
    ]
    silent_said = {
        silent.after(a_minute(n, watts=0.0), "electric", may_learn=True) for n in range(1500, 9000)
    }

    assert 15 < noisy_said.index("dead") < 35
    assert silent_said == {None}


def test_thermostat_that_stops_calling_below_its_level_is_told() -> None:
    thermostat = Thermostat()
    for n in range(1200):
        heating = n % 20 < 10
        room = 19.0 + 0.1 * (n % 20 if heating else 20 - n % 20)
        thermostat.after(
            a_minute(n, room=room, call=float(heating)), is_settled=True, may_learn=True
        )
    said = [
        thermostat.after(a_minute(1200 + n, room=19.0 - 0.1 * n), is_settled=True, may_learn=True)
        for n in range(40)
    ]

    assert said[0] is None
    assert said[-1] == "missing"


def test_silence_is_counted_in_passages_that_should_have_been() -> None:
    door = Door()
    for n in range(3 * 1440):
        door.after(a_minute(n, doors=0.5 if n % 2 else 0.0), (n / 60.0) % 24.0)
    assert not door.is_silent(5.0)
    for n in range(3 * 1440, 3 * 1440 + 60):
        door.after(a_minute(n, doors=0.0), (n / 60.0) % 24.0)

    assert door.is_silent(5.0)
    assert not door.is_silent(30.0)


def test_a_rate_that_is_known_from_one_day_is_worth_less_than_one_of_a_week() -> None:
    young, old = Door(), Door()
    for door, days in ((young, 1), (old, 8)):
        for n in range(days * 1440):
            door.after(a_minute(n, doors=0.2 if n % 2 else 0.0), (n / 60.0) % 24.0)
        for n in range(days * 1440, days * 1440 + 50):
            door.after(a_minute(n, doors=0.0), (n / 60.0) % 24.0)

    assert 1.5 < young.silence < 0.9 * old.silence


@pytest.mark.parametrize(("together", "least", "most"), [(1, 0.8, 1.35), (2, 1.7, 2.4)])
def test_a_silence_is_counted_in_visits_of_as_many_passages_as_come_together(
    together: int, least: float, most: float
) -> None:
    rng, door = random.Random(7), Door()
    for n in range(30 * 1440):
        visits = rng.random() < 0.3 / together
        door.after(a_minute(n, doors=float(together * visits)), (n / 60.0) % 24.0)

    assert least < door.per_visit < most


def test_a_day_on_which_nobody_came_says_nothing_of_the_next() -> None:
    door = Door()
    for n in range(4 * 1440 + 8 * 60 + 5):
        is_open, is_third = 480 <= n % 1440 < 1200, n // 1440 == 3
        doors = 0.5 if is_open and n % 2 and not is_third else 0.0
        if n == 3 * 1440 + 1190:
            assert door.is_silent(5.0)
        is_new = door.after(a_minute(n, doors=doors, is_open=is_open), (n / 60.0) % 24.0)
        assert is_new == (n == 4 * 1440 + 480)

    assert door.silence < 5.0


def test_wear_over_weeks_is_held_against_the_first_fortnight() -> None:
    steady, worn = Wear(), Wear()
    for n in range(12_000):
        steady.after(30.0, 1.0)
        worn.after(30.0 - 0.0015 * n, 1.0)

    assert not steady.is_worn
    assert worn.is_worn


def test_contact_that_says_open_is_told_after_ten_minutes_and_passages_are_not() -> None:
    contact = Contact()
    for n in range(30):
        contact.after(a_minute(n, door_open=0.6 if n % 3 else 0.0))
        assert not contact.is_raised
    said = []
    for n in range(30, 42):
        contact.after(a_minute(n, door_open=1.0))
        said.append(contact.is_raised)

    assert said.index(True) == 9
    contact.after(a_minute(42, door_open=0.0))
    assert (contact.is_raised, contact.is_shut) == (False, True)


def test_contact_that_has_never_said_shut_is_no_witness() -> None:
    contact = Contact()
    for n in range(60):
        contact.after(a_minute(n, door_open=1.0))

    assert not contact.is_raised
    assert not contact.is_known
