from __future__ import annotations

import pytest

from tests.support.simulated import NOON_S, world
from warmstation_edge.simulator.heater import Heater, HeaterKind, HeaterPlan
from warmstation_edge.simulator.room import Room, Shell

SHELL = Shell.of_area(40)


def dead_heater(room_c: float) -> Heater:
    return Heater(HeaterPlan(), room_c, is_dead=True)


def test_an_unheated_room_falls_to_the_outdoor_temperature_and_not_below() -> None:
    room = Room(SHELL, 20.0, 18.0)
    heater, before = dead_heater(20.0), 20.0
    for _ in range(24 * 30):
        room.advance(3600, -5.0, 0.0, 0.0, heater, 20.0)
        assert -5.0 <= room.air_c <= before
        before = room.air_c
    assert room.air_c == pytest.approx(-5.0, abs=0.05)


def test_in_steady_state_the_power_put_in_is_the_heat_lost() -> None:
    room = Room(SHELL, 0.0, 0.0)
    heater = dead_heater(0.0)
    for _ in range(24 * 40):
        room.advance(3600, 0.0, 1000.0, 0.0, heater, 20.0)
    assert room.air_c * SHELL.loss_w_per_k == pytest.approx(1000.0, rel=0.001)


def test_energy_is_conserved_while_the_room_warms() -> None:
    room = Room(SHELL, 10.0, 8.0)
    heater, lost_j = dead_heater(10.0), 0.0
    for _ in range(3600):
        lost_j += room.air_c * SHELL.air_to_outdoor_w_per_k
        lost_j += room.walls_c * SHELL.walls_to_outdoor_w_per_k
        room.advance(1.0, 0.0, 2000.0, 0.0, heater, 20.0)
    stored_j = (room.air_c - 10) * SHELL.air_j_per_k + (room.walls_c - 8) * SHELL.walls_j_per_k
    assert stored_j + lost_j == pytest.approx(2000 * 3600, rel=0.001)


def test_one_long_step_is_many_short_ones() -> None:
    long, short = Room(SHELL, 20.0, 15.0), Room(SHELL, 20.0, 15.0)
    long.advance(300, -3.0, 500.0, 0.0, dead_heater(20.0), 20.0)
    heater = dead_heater(20.0)
    for _ in range(1200):
        short.advance(0.25, -3.0, 500.0, 0.0, heater, 20.0)
    assert long.air_c == pytest.approx(short.air_c, abs=1e-6)
    assert long.walls_c == pytest.approx(short.walls_c, abs=1e-6)


def test_a_thermostat_holds_its_band_even_in_five_minute_steps() -> None:
    room, heater = Room(SHELL, 19.8, 15.0), Heater(HeaterPlan("electric", 3000.0), 20.0)
    for number in range(288):
        room.advance(300, -2.0, 100.0, 0.0, heater, 20.0)
        assert 19.4 < room.air_c < 20.6, number


def test_the_outlet_is_hot_while_it_heats_and_falls_to_the_room_after() -> None:
    heater = Heater(HeaterPlan("electric"), 18.0, is_calling=True)
    heater.blow(600, 18.0)
    assert heater.outlet_c == pytest.approx(45.0, abs=0.2)
    heater.is_calling = False
    heater.blow(30, 18.0)
    assert 35 < heater.outlet_c < 40, "it lags"
    heater.blow(900, 18.0)
    assert heater.outlet_c == pytest.approx(18.0, abs=0.1)


def test_a_heat_pump_draws_less_than_it_gives_and_a_radiator_only_its_pump() -> None:
    powers = {}
    kinds: tuple[HeaterKind, ...] = ("electric", "heat_pump", "radiator")
    for kind in kinds:
        heater = Heater(HeaterPlan(kind, 3000.0), 20.0, is_calling=True)
        powers[kind] = heater.power_w(0.0)
    assert powers["electric"] == 3000.0
    assert 3000 / 4 < powers["heat_pump"] < 3000 / 1.6
    assert powers["radiator"] < 100


@pytest.mark.parametrize(
    ("fault", "low_c", "high_c"),
    [("heater_dead", -20.0, 18.0), ("heater_weak", 8.0, 18.5), ("heater_stuck_on", 22.0, 60.0)],
)
def test_a_faulty_heater_is_felt_in_the_room(fault: str, low_c: float, high_c: float) -> None:
    here = world(NOON_S - 4 * 86_400, "1", f"{fault}@+1d")
    for _ in range(288 * 4):
        here.step(300)
    assert here.is_open
    assert low_c < here.room.air_c < high_c
    if fault == "heater_dead":
        assert here.heater_w == 0.0
        assert here.heater.is_calling, "the thermostat calls in vain"


def test_a_door_held_open_makes_the_room_colder_than_the_heater_can_mend() -> None:
    shut, held = world(NOON_S, "1"), world(NOON_S, "1", "door_held_open@+30m")
    for _ in range(48):
        shut.step(300)
        held.step(300)
    assert held.room.air_c < shut.room.air_c - 1.5
