"""What the outlet's link learns of its heater: stages, rest, frost."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.bench.heating_world import World
from tests.support.minutes import a_minute
from warmstation_server.diagnosis.guess import CallGuess
from warmstation_server.diagnosis.hottest import Hottest
from warmstation_server.diagnosis.level import Level
from warmstation_server.diagnosis.outlet import Outlet
from warmstation_server.diagnosis.power import Power
from warmstation_server.diagnosis.residuals import Residuals
from warmstation_server.diagnosis.rest import Rest
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.station import Diagnosis

_STAGES_W = (1100.0, 2000.0)


def _minute(number: int, watts: float | None = None, room: float = 20.0) -> Minute:
    return a_minute(number, watts=watts, room=room, call=1.0)


def _shown(excess_k: float, call: float | None = 0.0, watts: float | None = None) -> Minute:
    return replace(_minute(0, watts), excess_k=excess_k, call=call)


def _two_stages() -> Power:
    """Ten minutes of the first stage, five of both, for two days of calls."""
    power = Power()
    for n in range(2880):
        power.after(_minute(n, _STAGES_W[n % 15 >= 10]), "electric", may_learn=True)
    return power


@pytest.mark.parametrize(
    ("watts", "room", "verdict"),
    [
        (1100.0, 20.0, None),
        (2000.0, 17.0, None),
        (550.0, 20.0, "weak"),
        (1100.0, 17.0, "weak"),
        (0.0, 20.0, "none"),
    ],
)
def test_a_lower_stage_is_weak_only_where_it_was_never_enough(
    watts: float, room: float, verdict: str | None
) -> None:
    power = _two_stages()
    for n in range(2880, 2920):
        power.after(_minute(n, watts, room), "electric", may_learn=False)

    assert power.verdict() == verdict


def test_a_stage_that_was_not_known_is_learned_from_the_first_hours() -> None:
    power = Power()
    for n in range(1000):
        watts = 2000.0 if n % 100 < 80 else 800.0
        power.after(_minute(n, watts), "electric", may_learn=True)

    assert not power.draws.is_weak


def test_a_metered_heater_in_its_second_stage_is_not_hot() -> None:
    outlet, power = Outlet(), Power()
    z = 0.0
    for n in range(6000):
        watts = _STAGES_W[n % 600 > 540]
        z += (0.01 * watts - z) * 0.2
        minute = _minute(n, watts)
        minute.excess_k = z + 0.02 * (n % 3)
        power.after(minute, "electric", may_learn=True)
        outlet.after(minute, power.fed(watts, 1.0, "electric"), "electric", may_learn=True)

    assert outlet.is_known
    assert outlet.hot.level == pytest.approx(0.0, abs=1.0)


def test_the_offset_of_two_sensors_is_learned_at_rest_only() -> None:
    rest = Rest()
    for _ in range(600):
        rest.after(_shown(9.0), 1.0, 0.8, 1.0, may_learn=True)
    assert rest.offset_k == pytest.approx(0.0)
    for n in range(400):
        rest.after(_shown(9.0 * 0.8**n + 0.6), 0.0, 0.8, 1.0, may_learn=True)

    assert rest.offset_k == pytest.approx(0.6, abs=0.05)


def test_what_trickles_through_a_valve_is_no_offset_where_the_outlet_itself_says_the_call() -> None:
    guess, warm, cool = CallGuess(), Rest(), Rest()
    for n in range(600):
        hot, little, less = _shown(20.0, None), _shown(3.0, None), _shown(-1.2, None)
        for minute in (hot, little, less):
            guess.filled(minute)
        assert (hot.call, little.call, less.call) == (1.0, 0.0, 0.0), n
        warm.after(little, 0.0, 0.8, 1.0, may_learn=True)
        cool.after(less, 0.0, 0.8, 1.0, may_learn=True)

    assert warm.offset_k == pytest.approx(0.0)
    assert cool.offset_k == pytest.approx(-1.2, abs=0.05)


def test_a_meter_that_says_the_call_knows_when_the_outlet_rests() -> None:
    guess, rest = CallGuess(), Rest()
    for _ in range(600):
        called, idle = _shown(20.0, None, 1500.0), _shown(0.6, None, 2.0)
        guess.filled(called)
        guess.filled(idle)
        assert (called.call, idle.call) == (1.0, 0.0)
        rest.after(idle, 0.0, 0.8, 1.0, may_learn=True)

    assert rest.offset_k == pytest.approx(0.6, abs=0.05)


def _short_calls(outlet: Outlet, share: float, minutes: range) -> int | None:
    """Four minutes of heat in every twelve, `share` of the usual; when it is told hot."""
    rng = random.Random(7)
    z, before = 0.0, 0.0
    for n in minutes:
        call = 1.0 if n % 12 < 4 else 0.0
        z = 0.85 * z + share * (2.0 * call + 2.0 * before) + rng.gauss(0.0, 0.15)
        before = call
        minute = replace(_minute(n), call=call, excess_k=z)
        outlet.after(minute, call, "radiator", may_learn=share == 1.0)
        if outlet.verdict() == "over":
            return n - minutes.start
    return None


def test_the_minute_of_a_switch_is_evidence_where_a_heater_is_called_for_minutes() -> None:
    outlet = Outlet()

    assert _short_calls(outlet, 1.0, range(4000)) is None
    assert outlet.hot.level < 2.0
    within_min = _short_calls(outlet, 1.8, range(4000, 4200))
    assert within_min is not None
    assert within_min < 30


def test_the_minute_of_a_switch_proves_nothing_after_a_lost_report_or_before_many_were_seen() -> (
    None
):
    residuals = Residuals()
    assert residuals.switched_noise(1.0, 1.0) is None
    for _ in range(60):
        residuals.learn_switched(0.5, 1.0, 1.0)

    assert residuals.switched_noise(1.0, 1.0) is not None
    assert residuals.switched_noise(1.0, 2.0) is None


def test_in_the_hours_before_opening_the_lesser_of_two_levels_is_expected() -> None:
    level = Level(usual=[20.0, 14.0], minutes=[600.0, 600.0])

    assert level.want(13.5, 0) == 1.5
    assert level.want(13.5, None) == level.want(13.5, 1) == 0.5


def _long_call(share: float) -> Outlet:
    """An hour in a cold room, of a model that knows short calls: its water is never warmer."""
    outlet, z = Outlet(is_known=True, typical_k=27.0, called_min=3000.0, learned_min=3000.0), 0.0
    outlet.model.theta = [0.9, 1.5, 3.0, 1.1, 0.0]
    outlet.level, outlet.hottest = Level([20.0, 20.0], [900.0, 900.0]), Hottest(top_k=34.0)
    for n in range(60):
        z = min(31.0 * share, 0.9 * z + share * 6.0)
        minute = replace(_minute(n, room=12.0), excess_k=z)
        outlet.after(minute, 1.0, "radiator", may_learn=True)
    return outlet


def test_a_radiator_is_held_to_no_more_heat_than_it_was_ever_seen_to_give() -> None:
    assert _long_call(1.0).verdict() is None
    assert _long_call(0.5).verdict() == "weak"


@pytest.mark.parametrize(("regime", "said"), [(None, None), (0, "weak")])
def test_an_electric_heater_that_gives_what_is_wanted_is_asked_for_the_nights_level_before_opening(
    regime: int | None, said: str | None
) -> None:
    outlet = Outlet(is_known=True, typical_k=16.0, called_min=3000.0, learned_min=3000.0)
    outlet.model.theta = [0.9, 0.7, 0.7, 0.8, 0.0]
    outlet.level, outlet.hottest = Level([20.0, 15.0], [900.0, 900.0]), Hottest(top_k=30.0)
    outlet.modulation.follows_want = True
    for n in range(90):
        minute = replace(_minute(n, room=15.0), excess_k=12.0, regime=regime)
        outlet.after(minute, 1.0, "electric", may_learn=False)

    assert outlet.verdict() == said


@pytest.mark.parametrize(("excess_k", "said"), [(16.0, None), (9.0, "weak")])
def test_a_pump_is_held_to_the_most_that_was_seen_and_not_to_how_fast_it_was_reached(
    excess_k: float, said: str | None
) -> None:
    outlet = Outlet(is_known=True, typical_k=12.0, called_min=3000.0, learned_min=3000.0)
    outlet.model.theta = [0.9, 0.6, 0.7, 1.9, 0.0]  # in a room as cold as this: 41 K
    outlet.level, outlet.hottest = Level([20.0, 20.0], [900.0, 900.0]), Hottest(top_k=20.0)
    outlet.modulation.low_k = 8.0
    for n in range(90):
        minute = replace(_minute(n, room=18.0), excess_k=excess_k, regime=0)
        outlet.after(minute, 1.0, "heatpump", may_learn=False)

    assert outlet.verdict() == said


def _second_lull(room_c: float) -> str | None:
    """What is said of an hour of half the heat, after one that ended by itself."""
    outlet, z = Outlet(is_known=True, typical_k=30.0, called_min=3000.0, learned_min=3000.0), 30.0
    outlet.model.theta = [0.8, 6.0, 0.0, 0.0, 0.0]
    outlet.level, outlet.hottest = Level([20.0, 20.0], [900.0, 900.0]), Hottest(top_k=34.0)
    for n in range(140):
        is_lull = 10 <= n < 50 or n >= 80
        z = 0.8 * z + (3.0 if is_lull else 6.0)
        minute = replace(_minute(n, room=room_c if n >= 80 else 20.5), excess_k=z)
        outlet.after(minute, 1.0, "electric", may_learn=False)
    return outlet.verdict()


def test_an_unmetered_heater_in_its_first_stage_is_weak_in_a_colder_room_only() -> None:
    assert _second_lull(20.5) is None
    assert _second_lull(18.5) == "weak"


@pytest.mark.parametrize(("length_min", "call"), [(5.0, 0.4), (5.0, 1.0), (1.0, 0.4)])
def test_a_long_sample_that_was_called_for_in_part_is_no_evidence(
    length_min: float, call: float
) -> None:
    outlet, rng, excess_k = Outlet(), random.Random(2), 0.0
    for n in range(2000):
        on = float(n % 8 < 4)
        excess_k = 0.3 * excess_k + 14.0 * on
        minute = replace(_minute(5 * n), length_min=5.0, call=on)
        minute.excess_k = excess_k + rng.gauss(0.0, 0.1)
        outlet.after(minute, on, "electric", may_learn=True)
    for n in range(10_000, 10_060):
        minute = replace(_minute(n), length_min=length_min, call=call, excess_k=0.0)
        outlet.after(minute, call, "electric", may_learn=True)

    assert outlet.is_known
    assert outlet.none.is_raised == (length_min < 2.0 or call == 1.0)


def test_a_radiator_that_nobody_tells_the_call_of_is_not_weak_for_its_valve() -> None:
    world = World.of(150401, "radiator", 60.0, metered=False, harsh=False)
    diagnosis = Diagnosis(world.building.config())
    told = []
    while world.t_s < 4.5 * 86400.0:
        sample = world.advance()
        if sample is not None:
            told += diagnosis.after(replace(sample, heater_on=None, heater_w=None))

    assert told == []
