"""New kinds of sensors on the whole sampler: what they say is in the measurement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocks import FakeClock
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import Profile, parse
from warmstation_edge.sampler import Sampler
from warmstation_edge.sensors.build import build
from warmstation_edge.sensors.mock import MockBoard
from warmstation_edge.sensors.mock_i2c import MockI2c, MockMux, MockNau7802, MockSht31
from warmstation_edge.sensors.mock_line import Meter, line
from warmstation_edge.threads import Inline

TURN_S = 0.25
STATION = {"id": "ks-a", "district": "kunshan"}


class Bench:
    """A station of these tables on a mock board and a mock I2C bus."""

    def __init__(self, folder: Path, tables: dict[str, Any]) -> None:
        outbox = {"path": str(folder / "outbox.db")}
        self.profile: Profile = parse({"station": STATION, "outbox": outbox, **tables})
        self.clock, self.i2c = FakeClock(), MockI2c()
        self.board = MockBoard(self.profile, folder / "w1", self.clock.monotonic)
        sensors = build(self.profile, self.clock, Inline(), self.board.factory, folder, self.i2c)
        self.sampler = Sampler(self.profile, sensors, self.clock)

    def run(self, seconds: float) -> Measurement:
        for _ in range(round(seconds / TURN_S)):
            self.clock.advance(TURN_S)
            self.sampler.turn()
        return self.sampler.measure()

    def faults(self) -> set[tuple[str, str]]:
        return {(one.sensor, one.reason) for one in self.sampler.measure().faults or ()}


@contextmanager
def bench(folder: Path, **tables: Any) -> Iterator[Bench]:
    one = Bench(folder, tables)
    try:
        yield one
    finally:
        one.sampler.close()
        one.board.close()


def test_humidity_and_the_rooms_temperature_come_from_an_sht31(tmp_path: Path) -> None:
    with bench(tmp_path, i2c={}, humidity={"is_room": True}) as one:
        assert one.run(1).climate is not None
        assert one.faults() == {("humidity", "absent"), ("room", "absent")}
        chip = MockSht31(19.5, 41.0)
        one.i2c.devices[0x44] = chip
        climate = one.run(11).climate
        assert climate is not None
        assert (climate.room_c, climate.humidity_pct) == (19.5, 41.0)
        assert one.faults() == set()
        chip.spoils_crc = True
        one.run(11)
        assert one.faults() == {("humidity", "crc"), ("room", "crc")}


def test_a_shelf_is_weighed_behind_the_multiplexer(tmp_path: Path) -> None:
    noodles = {
        "item": "noodles",
        "scale_channel": 2,
        "counts_per_kg": 100_000.0,
        "full_kg": 4.0,
    }
    with bench(tmp_path, i2c={}, supplies=[noodles]) as one:
        cell = MockNau7802(100_000)
        one.i2c.muxes[0x70] = MockMux({2: {0x2A: cell}})
        (supply,) = one.run(16).supplies or ()
        assert supply.level == 0.25
        cell.counts = 2**23 - 1
        one.run(16)
        assert one.faults() == {("noodles", "range")}


def metered(folder: Path, port: Path) -> dict[str, Any]:
    """The tables of an e-bike point with a meter."""
    point = {
        "id": "e1",
        "kind": "ebike",
        "meter": 1,
        "contactor_pin": 5,
        "feedback_pin": 6,
        "probe": "28-0316a2791bff",
    }
    one_wire = {"root": str(folder / "w1")}
    return {"modbus": {"port": str(port)}, "one_wire": one_wire, "chargers": [point]}


def test_an_e_bike_point_is_metered_over_modbus_and_opens_when_the_meter_is_lost(
    tmp_path: Path,
) -> None:
    with (
        line({1: Meter(watts=300.0)}) as wire,
        bench(tmp_path, **metered(tmp_path, wire.port)) as one,
    ):
        one.board.set_celsius("28-0316a2791bff", 15.0)
        wire.meters[1].watts = 0.0
        one.run(15)
        one.board.drive(6, False)
        wire.meters[1].watts = 300.0
        (charger,) = one.run(6).chargers or ()
        assert (charger.state, charger.power_w) == ("charging", 300.0)
        wire.meters[1].spoils_crc = True
        one.run(10)
        assert one.faults() == {("e1", "crc")}
        (charger,) = one.run(60).chargers or ()
        assert not one.board.level(5), "lost telemetry opens the contactor"
        assert charger.state in {"inoperative", "outoforder"}
        assert ("e1", "blind") in one.faults()


def test_a_sag_of_the_mains_is_no_overcurrent_and_needs_nobody_afterwards(tmp_path: Path) -> None:
    with (
        line({1: Meter(watts=0.0)}) as wire,
        bench(tmp_path, **metered(tmp_path, wire.port)) as one,
    ):
        one.board.set_celsius("28-0316a2791bff", 15.0)
        one.run(15)
        one.board.drive(6, False)
        assert one.board.level(5)
        wire.meters[1].volts = 60.0
        one.run(70)
        assert not one.board.level(5)
        assert one.faults() >= {("e1", "absent"), ("e1", "blind")}
        wire.meters[1].volts = 230.0
        one.run(20)
        assert one.board.level(5)


def test_the_staff_button_zeroes_the_count_and_the_record_tells_it_once(tmp_path: Path) -> None:
    door = {"outer_beam_pin": 17, "inner_beam_pin": 27}
    with bench(tmp_path, door=door, staff={"button_pin": 13, "led_pin": 19}) as one:
        for pin in (17, 27):
            one.board.drive(pin, False)
        one.run(1)
        start = one.clock.monotonic()
        for after_s, pin, high in ((0, 17, True), (0.2, 27, True), (0.4, 17, False)):
            one.board.drive(pin, high, at=start + after_s)
        one.board.drive(27, False, at=start + 0.6)
        people = one.run(1.5).people
        assert people is not None
        assert people.inside == 1
        one.board.drive(13, False)
        people = one.run(2.5).people
        assert people is not None
        assert people.zeroed is not None
        assert (people.inside, people.zeroed.by, people.zeroed.counted) == (0, "staff", 1)
        assert one.board.level(19), "the LED says thanks"
        one.sampler.reported()
        again = one.run(1).people
        assert again is not None
        assert again.zeroed is None


def test_two_presence_sensors_have_to_agree(tmp_path: Path) -> None:
    door = {"outer_beam_pin": 17, "inner_beam_pin": 27}
    presence = {"pin": 23, "kind": "pir", "second_pin": 26, "second_kind": "radar"}
    with bench(tmp_path, door=door, presence=presence) as one:
        for pin in (17, 27, 23):
            one.board.drive(pin, False)
        one.board.drive(26, True)
        people = one.run(90).people
        assert people is not None
        assert people.present is True
        one.board.drive(26, False)
        people = one.run(90).people
        assert people is not None
        assert people.present is False


def test_identify_flashes_the_led(tmp_path: Path) -> None:
    with bench(tmp_path, staff={"led_pin": 19}) as one:
        one.run(1)
        assert one.sampler.identify() is None
        seen = set()
        for _ in range(20):
            one.clock.advance(0.03)
            one.sampler.turn()
            seen.add(one.board.level(19))
        assert seen == {True, False}
    with bench(tmp_path, smoke={"pin": 25}) as one:
        assert one.sampler.identify() == "this station has nothing to identify itself with"


def test_a_lamp_that_fails_stops_nothing(tmp_path: Path) -> None:
    with bench(tmp_path, staff={"led_pin": 19}, smoke={"pin": 25}) as one:
        one.board.factory.pin(19).function = "input"  # as if somebody else had taken it
        one.sampler.identify()
        assert one.run(3).safety is not None


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"humidity": {}}, "humidity needs an [i2c] table"),
        ({"heater": {"on_pin": 24, "meter": 3}}, "the meter of heater needs a [modbus] table"),
        (
            {"i2c": {}, "humidity": {"is_room": True}, "one_wire": {"room": "28-0316a2795aff"}},
            "the room has one temperature",
        ),
        ({"i2c": {}, "humidity": {}, "smoke": {"pin": 2}}, "pin 2 is claimed by"),
        ({"modbus": {"port": "/dev/serial0"}, "smoke": {"pin": 14}}, "pin 14 is claimed by"),
        ({"heater": {"on_pin": 24, "meter": 3, "pulse_pin": 12}}, "heater has one of"),
    ],
)
def test_buses_that_contradict_each_other_are_refused(tables: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=r".+") as refused:
        parse({"station": STATION, **tables})
    assert said in str(refused.value)
