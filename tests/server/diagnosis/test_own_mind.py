"""Pumps that give what they think is enough, and rooms whose hours are not alike."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.support.heated import findings_after, learned
from tests.support.minutes import a_minute
from warmstation_server.diagnosis.hottest import Hottest
from warmstation_server.diagnosis.level import Level
from warmstation_server.diagnosis.modulation import Modulation
from warmstation_server.diagnosis.outlet import Outlet
from warmstation_server.diagnosis.regression import Regression
from warmstation_server.diagnosis.spreads import Spreads


def _verdict_by_night(heat_k: float, night_c: float, room_c: float = 13.7) -> str | None:
    """Of a pump that has given 18 K by day, after an hour's call of the night."""
    outlet = Outlet(
        model=Regression.of([0.8, 3.6, 0.0, 0.0, 0.0], 1e-6),
        is_known=True,
        typical_k=18.0,
        called_min=3000.0,
        level=Level(usual=[20.0, night_c], minutes=[2000.0, 1000.0]),
        modulation=Modulation(low_k=14.0),
        hottest=Hottest(top_k=20.0),
    )
    for n in range(60):
        facts = {"room": room_c, "excess_k": heat_k, "outdoor": 12.0, "call": 1.0}
        minute = a_minute(n, **facts, is_open=False, regime=1)
        outlet.after(minute, 1.0, "heatpump", may_learn=False)
    return outlet.verdict()


@pytest.mark.parametrize(
    ("heat_k", "night_c", "room_c", "verdict"),
    [
        (5.0, 13.5, 13.7, None),
        (8.0, 13.5, 13.7, None),
        (8.0, 13.5, 12.5, "weak"),
        (8.0, 19.5, 19.7, "weak"),
        (1.0, 13.5, 13.7, "none"),
    ],
)
def test_a_pump_set_back_for_the_night_may_give_little(
    heat_k: float, night_c: float, room_c: float, verdict: str | None
) -> None:
    assert _verdict_by_night(heat_k, night_c, room_c) == verdict


@pytest.mark.parametrize(("tells_call", "is_kept"), [(True, True), (False, False)])
def test_minutes_do_not_tell_weak_heat_of_a_pump_whose_call_its_outlet_was_asked(
    tells_call: bool, is_kept: bool
) -> None:
    """Each of its defrosts ends such a call and begins it anew, with an outlet that is cold."""
    world, diagnosis = learned("heatpump")
    findings_after(world, diagnosis, 1.5, lambda sample: replace(sample, heater_on=None))
    weak = diagnosis._parts.outlet.weak
    weak.level, weak.since_s = 4.0, world.t_s
    sample = world.advance()
    assert sample is not None
    diagnosis.after(replace(sample, heater_on=1.0 if tells_call else None))

    assert (weak.level > 0.0) is is_kept


def test_where_nobody_counts_the_hour_tells_how_wide_the_residuals_spread() -> None:
    rng = random.Random(3)
    spreads = Spreads()
    for n in range(10 * 480):
        spreads.turn_to(0.0, 180.0 * n)
        spreads.learn(rng.gauss(0.0, 0.13 if n % 480 // 20 == 8 else 0.06))

    spreads.turn_to(0.0, 8.5 * 3600.0)
    assert spreads.own == spreads.usual == pytest.approx(0.13, rel=0.2)
    spreads.turn_to(0.0, 3.5 * 3600.0)
    assert spreads.own == pytest.approx(0.06, rel=0.2)


def test_where_somebody_counts_the_passages_tell_it() -> None:
    spreads = Spreads()
    for n, busy in enumerate([0.1, 0.7, 0.0] * 100):
        spreads.turn_to(busy, 180.0 * n)
        spreads.learn((0.1 + 0.2 * busy) * (-1.0) ** n)

    assert spreads.own == pytest.approx(0.1, rel=0.1)
    assert spreads.usual == pytest.approx(0.12, rel=0.1)
