"""A station with everything: what the agent reports came over bytes on buses, and is the world."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.simulated import NOON_S, Bench, bench
from warmstation_edge.sensors import levels
from warmstation_edge.simulator import faults
from warmstation_edge.simulator.buses import humidity_pct
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.full_wiring import BUTTON_PIN, LED_PIN
from warmstation_edge.simulator.world import World

HERE = "xf-beidajie"


def here(*orders: str) -> World:
    plan = next(one for one in load("xifeng").stations if one.id == HERE)
    given = [faults.parse(f"{HERE}:{order}").fault.after(NOON_S) for order in orders]
    return World(plan, NOON_S, "1", given)


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path, here()) as found:
        yield found


def test_every_newer_sensor_says_what_the_world_is(wall: Bench) -> None:
    world = wall.station.world
    wall.run(40)
    world.points[-1].battery = world.points[0].battery = None
    wall.run(30)
    last = wall.last
    assert not last.faults
    assert last.climate is not None
    assert last.climate.humidity_pct == pytest.approx(
        humidity_pct(world.outdoor_c, world.room.air_c, world.crowd.inside), abs=2
    )
    shelves = {one.item: one.level for one in last.supplies or ()}
    assert shelves["noodles"] == pytest.approx(world.shelf.levels["noodles"], abs=0.02)
    assert shelves["biscuits"] == pytest.approx(world.shelf.levels["biscuits"], abs=0.02)
    assert shelves["first-aid-kits"] in (0.1, 0.5), "a float knows two levels"
    assert {one.kind for one in last.chargers or ()} == {"phone", "ebike"}


def test_a_heaters_pulses_become_its_power(wall: Bench) -> None:
    world = wall.station.world
    world.room.air_c = 10.0  # it will heat for a while
    wall.run(60)
    climate = wall.last.climate
    assert climate is not None
    assert climate.heating == "on"
    assert world.heater_w > 500
    assert climate.heater_w == pytest.approx(world.heater_w, rel=0.02)


def test_an_e_bikes_power_comes_from_its_meter_and_ends_with_the_contactor(wall: Bench) -> None:
    asked = wall.station._buses  # the far end of the line
    assert asked is not None
    wall.run(15)
    assert {question[0] for question in asked.line.questions} == {1, 2}
    ebikes = [one for one in wall.last.chargers or () if one.kind == "ebike"]
    truth = [wall.station.world.point(one.id).power_w for one in ebikes]
    assert [one.power_w for one in ebikes] == pytest.approx(truth, abs=1.0)


@pytest.mark.parametrize("part", ["humidity", "e1.meter"])
def test_a_bus_device_that_vanishes_is_absent_and_the_rest_goes_on(
    tmp_path: Path, part: str
) -> None:
    with bench(tmp_path, here(f"sensor_disconnected={part}@+15s"), answer_s=2.0) as wall:
        wall.run(20)
        assert {(one.sensor, one.reason) for one in wall.last.faults or ()} == {
            (part.removesuffix(".meter"), "absent")
        }


@pytest.mark.slow
def test_an_e_bike_whose_meter_is_silent_is_cut_off(tmp_path: Path) -> None:
    with bench(tmp_path, here("sensor_disconnected=e1.meter@+15s"), answer_s=0.3) as wall:
        wall.run(85, turn_s=1.0)
        assert ("e1", "blind") in {(one.sensor, one.reason) for one in wall.last.faults or ()}
        states = {one.id: one.state for one in wall.last.chargers or ()}
        assert (states["e1"], states["e2"] == "inoperative") == ("inoperative", False)


def test_staff_who_leave_an_empty_room_zero_the_count(wall: Bench) -> None:
    wall.run(5)
    machine = wall.station._machine
    assert machine is not None
    machine.board.drive(BUTTON_PIN, levels.PRESSED)
    before = len(wall.reports)
    wall.station._buses._released_s = wall.at_s + 2.5  # type: ignore[union-attr]
    wall.run(8)
    said = [one.people.zeroed for one in wall.reports[before:] if one.people]
    assert [one.by for one in said if one] == ["staff"]
    assert machine.board.level(LED_PIN) in (True, False)


def test_a_power_cut_leaves_the_far_ends_of_the_buses_alone(tmp_path: Path) -> None:
    gc.disable()  # what lost its power lets go of the line by itself, not when somebody cleans up
    try:
        with bench(tmp_path, here("power_cut@+10s/5s")) as wall:
            wall.run(45)
    finally:
        gc.enable()
    assert not wall.last.faults
    assert len({one.stream for one in wall.reports}) == 2
