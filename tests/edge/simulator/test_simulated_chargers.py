from __future__ import annotations

from itertools import pairwise

import pytest

from tests.support.simulated import NOON_S, world
from warmstation_edge.simulator.chargers import Battery, ChargingPoint


def test_a_battery_takes_constant_power_then_tapers_then_is_full() -> None:
    battery = Battery(capacity_wh=100.0, stored_wh=20.0, max_w=50.0, until_s=0)
    assert battery.power_w == 50.0
    battery.charge(3600 * 60 / 50)
    assert battery.stored_wh == pytest.approx(80.0)
    battery.charge(1200)
    assert 5 < battery.power_w < 40
    battery.charge(5 * 3600)
    assert battery.power_w < 1
    assert battery.stored_wh <= 100.0


def test_energy_taken_does_not_depend_on_the_step() -> None:
    once, often = Battery(100, 20, 50, 0), Battery(100, 20, 50, 0)
    taken = once.charge(2.5 * 3600)
    assert sum(often.charge(9.0) for _ in range(1000)) == pytest.approx(taken, rel=1e-6)


def test_a_point_stops_when_its_contactor_opens_and_when_the_rider_leaves() -> None:
    point = ChargingPoint("e1", "ebike", 0.0)
    point.battery = Battery(1000, 100, 200, until_s=7200)
    point.advance(3600, 3600, 0.0)
    assert point.energy_wh == pytest.approx(200)
    point.is_closed = False
    assert point.power_w == 0
    point.advance(1800, 5400, 0.0)
    assert point.energy_wh == pytest.approx(200)
    point.advance(1800, 7200, 0.0)
    assert point.battery is None


def test_an_overheating_point_cools_once_its_contactor_is_open() -> None:
    point = ChargingPoint("e1", "ebike", 5.0)
    point.is_overheating = True
    point.advance(900, 900, 5.0)
    assert point.probe_c > 80
    point.is_closed = False
    point.advance(3600, 4500, 5.0)
    assert point.probe_c < 10


def test_riders_use_the_sockets_and_a_dead_one_gives_nothing() -> None:
    here = world(NOON_S, "1", "socket_dead=p2")
    for _ in range(288 * 3):
        here.step(300)
    assert here.point("p2").energy_wh == 0
    assert here.point("p1").energy_wh > 0
    assert here.point("e1").energy_wh > 0


def test_supplies_fall_with_visits_and_are_restocked_some_mornings() -> None:
    here = world()
    levels = []
    for _ in range(288 * 10):
        here.step(300)
        levels.append(here.shelf.levels["water"])
        assert 0.0 <= levels[-1] <= 1.0
    changes = [after - before for before, after in pairwise(levels)]
    rises = [change for change in changes if change > 0]
    assert min(changes) < 0
    assert rises
    assert min(rises) > 0.3, "staff fills up, it does not add a cup"
