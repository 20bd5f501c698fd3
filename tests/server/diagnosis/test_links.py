"""Each link of the chain by itself, with numbers small enough to follow by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from warmstation_server.diagnosis.contact import Contact
from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.door import Door
from warmstation_server.diagnosis.isolation import Links, Named, corrects, named
from warmstation_server.diagnosis.power import Power
from warmstation_server.diagnosis.regression import Regression
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.thermostat import Thermostat
from warmstation_server.diagnosis.wear import Wear


def _minute(number: int, **values: float | bool | None) -> Minute:
    facts: dict[str, float | bool | None] = {
        "room": 20.0,
        "excess_k": None,
        "outdoor": 0.0,
        "call": 0.0,
        "watts": None,
        "doors": None,
        "is_open": True,
        "is_gap": False,
    }
    return Minute(at_s=60.0 * number, length_min=1.0, **{**facts, **values})  # type: ignore[arg-type]


def test_regression_finds_the_line_it_was_shown() -> None:
    model = Regression.of([0.0, 0.0], 100.0)
    for number in range(200):
        x = [float(number % 7), 1.0]
        model.learn(x, 3.0 * x[0] - 2.0 - model.expected(x), 0.999)

    assert model.theta == pytest.approx([3.0, -2.0], abs=1e-3)


def test_regression_stays_finite_through_weeks_without_news() -> None:
    model = Regression.of([0.0, 0.0], 10.0)
    for _ in range(100_000):
        model.learn([0.0, 1.0], 0.0, 0.999)

    assert max(model.spread) < 2.0e4


def test_regression_follows_a_drift_though_one_of_its_inputs_never_moves() -> None:
    model, gain = Regression.of([0.0, 0.0, 0.0], 1.0), 1.0
    for number in range(60_000):
        if number >= 40_000:
            gain += 1.0e-4
        x = [0.0, float(number % 2), 1.0]
        model.learn(x, gain * x[1] + 2.0 - model.expected(x), 0.9997)

    assert model.theta[1:] == pytest.approx([gain, 2.0], abs=0.5)
    assert max(model.spread) < 2.0e4


def test_a_reading_that_sank_as_a_room_does_was_not_moved() -> None:
    sank = Links(thermostat="lowered", step_k=-1.0, step_min=30.0, off_k=3.0)
    jumped = Links(thermostat="lowered", step_k=-1.0, step_min=30.0, off_k=1.2)

    assert [cause.cause for cause in (named(sank), named(jumped)) if cause] == [
        "setpoint",
        "sensor_moved",
    ]


def test_a_call_that_always_came_at_night_is_missed_at_night() -> None:
    thermostat = Thermostat()
    for n in range(40):
        night = _minute(n, room=14.0, call=float(n % 2))
        night.regime = 1
        thermostat.after(night, is_settled=False, may_learn=True)
    said = []
    for n in range(40, 60):
        night = _minute(n, room=11.0, is_open=False)
        night.regime = 1
        said.append(thermostat.after(night, is_settled=False, may_learn=False))

    assert (said[10], said[-1]) == (None, "missing")


def test_cusum_rises_on_evidence_and_falls_back_when_it_is_withdrawn() -> None:
    cusum = Cusum()
    raised = [cusum.add(1.0, 60.0 * n, 1.0, 4.0) for n in range(6)]
    assert raised == [False, False, False, False, True, True]
    for n in range(6, 12):
        cusum.add(-3.0, 60.0 * n, 1.0, 4.0)
    assert not cusum.is_raised


def test_an_excursion_that_went_away_raises_the_bar_of_its_own_station() -> None:
    cusum = Cusum()
    for n in range(6):
        cusum.add(1.0, 60.0 * n, 1.0, 7.0)
    cusum.add(-9.0, 400.0, 1.0, 7.0)

    raised = [cusum.add(1.0, 1000.0 + 60.0 * n, 1.0, 7.0) for n in range(10)]

    assert raised.index(True) == 8  # 1.25 x 6 + 1 = 8.5 instead of 7


@pytest.mark.parametrize(("watts", "verdict"), [(0.0, "none"), (1000.0, "weak"), (2000.0, None)])
def test_power_under_call_against_its_usual(watts: float, verdict: str | None) -> None:
    power = Power()
    for n in range(120):
        power.after(_minute(n, call=1.0, watts=2000.0), "electric", may_learn=True)
    said = [
        power.after(_minute(120 + n, call=1.0, watts=watts), "electric", may_learn=True)
        for n in range(7)
    ]

    assert said[-1] == verdict


def test_power_without_call_is_stuck_and_lost_standby_is_a_dead_supply() -> None:
    stuck, dead = Power(), Power()
    for n in range(400):
        for power in (stuck, dead):
            called = n < 60
            power.after(
                _minute(n, call=float(called), watts=2000.0 if called else 8.0),
                "electric",
                may_learn=True,
            )
    for n in range(400, 408):
        stuck.after(_minute(n, call=0.0, watts=2000.0), "electric", may_learn=True)
        dead.after(_minute(n, call=0.0, watts=0.0), "electric", may_learn=True)

    assert (stuck.verdict(), dead.verdict()) == ("stuck", "dead")


def _rare(number: int, **values: float) -> Minute:
    return replace(_minute(15 * number, **values), length_min=15.0)


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
        noisy.after(_minute(n, call=float(called), watts=watts), "electric", may_learn=True)
        silent.after(
            _minute(n, call=float(called), watts=2000.0 * called), "electric", may_learn=True
        )
    noisy_said = [
        noisy.after(_minute(n, watts=0.0), "electric", may_learn=True) for n in range(1500, 1540)
    ]
    silent_said = {
        silent.after(_minute(n, watts=0.0), "electric", may_learn=True) for n in range(1500, 9000)
    }

    assert 15 < noisy_said.index("dead") < 35
    assert silent_said == {None}


def test_thermostat_that_stops_calling_below_its_level_is_told() -> None:
    thermostat = Thermostat()
    for n in range(1200):
        heating = n % 20 < 10
        room = 19.0 + 0.1 * (n % 20 if heating else 20 - n % 20)
        thermostat.after(
            _minute(n, room=room, call=float(heating)), is_settled=True, may_learn=True
        )
    said = [
        thermostat.after(_minute(1200 + n, room=19.0 - 0.1 * n), is_settled=True, may_learn=True)
        for n in range(40)
    ]

    assert said[0] is None
    assert said[-1] == "missing"


def test_silence_is_counted_in_passages_that_should_have_been() -> None:
    door = Door()
    for n in range(3 * 1440):
        door.after(_minute(n, doors=0.5 if n % 2 else 0.0), (n / 60.0) % 24.0)
    assert not door.is_silent(5.0)
    for n in range(3 * 1440, 3 * 1440 + 60):
        door.after(_minute(n, doors=0.0), (n / 60.0) % 24.0)

    assert door.is_silent(5.0)
    assert not door.is_silent(30.0)


def test_a_rate_that_is_known_from_one_day_is_worth_less_than_one_of_a_week() -> None:
    young, old = Door(), Door()
    for door, days in ((young, 1), (old, 8)):
        for n in range(days * 1440):
            door.after(_minute(n, doors=0.2 if n % 2 else 0.0), (n / 60.0) % 24.0)
        for n in range(days * 1440, days * 1440 + 50):
            door.after(_minute(n, doors=0.0), (n / 60.0) % 24.0)

    assert 1.5 < young.silence < 0.9 * old.silence


@pytest.mark.parametrize(("together", "least", "most"), [(1, 0.8, 1.35), (2, 1.7, 2.4)])
def test_a_silence_is_counted_in_visits_of_as_many_passages_as_come_together(
    together: int, least: float, most: float
) -> None:
    rng, door = random.Random(7), Door()
    for n in range(30 * 1440):
        visits = rng.random() < 0.3 / together
        door.after(_minute(n, doors=float(together * visits)), (n / 60.0) % 24.0)

    assert least < door.per_visit < most


def test_a_day_on_which_nobody_came_says_nothing_of_the_next() -> None:
    door = Door()
    for n in range(4 * 1440 + 8 * 60 + 5):
        is_open, is_third = 480 <= n % 1440 < 1200, n // 1440 == 3
        doors = 0.5 if is_open and n % 2 and not is_third else 0.0
        if n == 3 * 1440 + 1190:
            assert door.is_silent(5.0)
        is_new = door.after(_minute(n, doors=doors, is_open=is_open), (n / 60.0) % 24.0)
        assert is_new == (n == 4 * 1440 + 480)

    assert door.silence < 5.0


_DRAWS: dict[str, Any] = {"power_share": 1.0, "kind": "electric"}


@pytest.mark.parametrize(
    ("links", "cause"),
    [
        (Links(power="none", outlet="none"), "no_heat"),
        (Links(thermostat="shifted", shifted_k=-5.0, silence=9.0, door_is_known=True), "closed"),
        (Links(thermostat="shifted", shifted_k=-5.0, silence=0.5, door_is_known=True), "setpoint"),
        (Links(thermostat="shifted", shifted_k=5.0, silence=9.0, door_is_known=True), "setpoint"),
        (Links(outlet="none", heated=-5.0, heated_bins=3.0), "no_heat"),
        (Links(outlet="none", heated=5.0, heated_bins=3.0), "outlet_detached"),
        (Links(outlet="none", heated=0.5, heated_bins=1.0, waited_min=5.0), None),
        (Links(outlet="weak"), "weak_heat"),
        (Links(outlet="weak", rose_min=30.0), None),
        (Links(outlet="weak", rose_min=300.0), "weak_heat"),
        (Links(outlet="weak", kind="electric"), "weak_heat"),
        (Links(outlet="weak", waited_min=10.0, **_DRAWS), None),
        (Links(outlet="weak", waited_min=30.0, **_DRAWS), "outlet_detached"),
        (Links(outlet="weak", heated=4.0, heated_bins=2.0, **_DRAWS), "outlet_detached"),
        (Links(outlet="weak", heated=-4.0, heated_bins=2.0, **_DRAWS), "weak_heat"),
        (Links(outlet="none", heated=3.0, heated_bins=1.0, **_DRAWS), None),
        (Links(outlet="none", heated=-1.0, waited_min=15.0, **_DRAWS), None),
        (Links(outlet="none", heated=-1.0, waited_min=25.0, **_DRAWS), "outlet_detached"),
        (Links(outlet="none", heated=-6.0, heated_bins=2.0, **_DRAWS), "no_heat"),
        (Links(outlet="none", heated=-5.0, heated_bins=3.0, kind="heatpump"), None),
        (Links(outlet="none", heated=-9.0, heated_bins=3.0, kind="heatpump"), "no_heat"),
        (Links(outlet="stuck"), "stuck_on"),
        (Links(outlet="over", power="weak"), "overheat"),
        (Links(room="door"), "door_open"),
        (Links(room="door", thermostat_content=True), None),
        (Links(thermostat="missing"), None),
        (Links(thermostat="lowered"), "setpoint"),
        (Links(thermostat="lowered", door_is_known=True, door_is_silent=True), "closed"),
        (Links(thermostat="lowered", door_is_known=True, silence=3.0, is_open=True), None),
        (Links(thermostat="lowered", door_is_known=True, silence=3.0), "setpoint"),
        (Links(thermostat="lowered", door_is_known=True, silence=7.0), "closed"),
        (Links(thermostat="excess", step_k=1.5, step_min=120.0), "sensor_moved"),
        (Links(thermostat="excess", step_k=1.5, step_min=60.0), None),
        (Links(thermostat="missing", step_k=-1.5, step_min=30.0), "sensor_moved"),
        (Links(thermostat="lowered", step_k=1.5, step_min=100.0), "setpoint"),
        (Links(thermostat="lowered", step_k=-1.5, step_min=600.0), "setpoint"),
        (Links(room="door", outlet_is_hot=True), None),
        (Links(room="door", contact_shut=True), None),
        (Links(room="door", door_is_known=True, silence=4.0), None),
        (Links(room="door", silence=4.0), "door_open"),
        (Links(room="door", fell_alone=True), None),
        (Links(outlet="none", heated=-5.0, heated_bins=3.0, probe_fell=True), "outlet_detached"),
        (Links(outlet="none", heated=-15.0, heated_bins=5.0, probe_fell=True), "no_heat"),
        (Links(contact_open=True, outlet="weak"), "door_open"),
        (Links(stands_apart=True, room="door"), "sensor_moved"),
        (Links(stands_apart=True, outlet="stuck"), "stuck_on"),
        (Links(thermostat="excess", off_k=5.5), "stuck_on"),
        (Links(thermostat="excess", off_k=4.5), "setpoint"),
        (Links(thermostat="shifted", shifted_k=1.0, step_k=-1.5), "setpoint"),
        (Links(thermostat="shifted", shifted_k=-4.0, step_k=-0.8, step_min=30.0), "setpoint"),
        (Links(thermostat="shifted", shifted_k=-1.5, step_k=-0.6, step_min=30.0), "sensor_moved"),
        (Links(thermostat="missing", step_k=-1.2, step_min=30.0, turned_k=1.8), "sensor_moved"),
        (Links(thermostat="missing", step_k=-1.2, step_min=30.0, turned_k=3.4), None),
        (Links(), None),
    ],
)
def test_the_link_that_broke_names_the_cause(links: Links, cause: str | None) -> None:
    found = named(links)

    assert (found.cause if found else None) == cause


def test_a_room_that_gets_no_heat_corrects_a_blamed_probe_and_nothing_else() -> None:
    sure = named(Links(outlet="none", heated=-20.0, heated_bins=6.0, **_DRAWS))
    unsure = Named("no_heat", "outlet", 0.6)

    assert sure is not None
    assert corrects("outlet_detached", sure)
    assert not corrects("outlet_detached", unsure)
    assert not corrects("overheat", sure)
    assert not corrects("no_heat", Named("outlet_detached", "outlet", 0.85))


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
        contact.after(_minute(n, door_open=0.6 if n % 3 else 0.0))
        assert not contact.is_raised
    said = []
    for n in range(30, 42):
        contact.after(_minute(n, door_open=1.0))
        said.append(contact.is_raised)

    assert said.index(True) == 9
    contact.after(_minute(42, door_open=0.0))
    assert (contact.is_raised, contact.is_shut) == (False, True)


def test_contact_that_has_never_said_shut_is_no_witness() -> None:
    contact = Contact()
    for n in range(60):
        contact.after(_minute(n, door_open=1.0))

    assert not contact.is_raised
    assert not contact.is_known


def test_what_was_told_and_is_over_is_no_evidence_for_the_next() -> None:
    cusum = Cusum()
    for n in range(10):
        cusum.add(1.0, 60.0 * n, 1.0, 7.0)
    assert cusum.is_raised

    cusum.end(3600.0)
    raised = [cusum.add(1.0, 7200.0 + 60.0 * n, 1.0, 7.0) for n in range(20)]

    assert raised.index(True) == 13  # 1.25 x 10 + 1, as after any excursion
