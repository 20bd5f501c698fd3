"""A whole station on a mock board: its agent's sampler on one side, the hardware on the other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.clocks import FakeClock
from warmstation_edge.charging import Charge
from warmstation_edge.counters import Counters
from warmstation_edge.measurement import Measurement
from warmstation_edge.profile import EbikePoint, Profile, parse
from warmstation_edge.sampler import NO_CHARGES, Sampler
from warmstation_edge.sensors.build import build
from warmstation_edge.sensors.mock import MockBoard
from warmstation_edge.sensors.mock_i2c import MockI2c
from warmstation_edge.threads import Inline

EXAMPLE = Path(__file__).parents[2] / "firmware-config/profiles/example.toml"
TURN_S = 0.25


def example_tables() -> dict[str, Any]:
    """The tables of the example profile, to be changed by a test."""
    return tomllib.loads(EXAMPLE.read_text("utf-8"))


class StationOnBoard:
    """Turns its sampler four times a second; contactors answer unless `feedback_follows` is off."""

    def __init__(
        self,
        folder: Path,
        tables: dict[str, Any] | None = None,
        counters: Counters | None = None,
        charges: Mapping[str, Charge] | None = NO_CHARGES,
        clock: FakeClock | None = None,
    ) -> None:
        given = tables or example_tables()
        given["one_wire"]["root"] = str(folder / "w1")
        given["outbox"]["path"] = str(folder / "outbox.db")
        self.profile: Profile = parse(given)
        self.clock = clock or FakeClock()
        self.board = MockBoard(self.profile, folder / "w1", self.clock.monotonic)
        self.feedback_follows = True
        self.cut_feedback: frozenset[str] = frozenset()
        self._make_quiet()
        sys_root = folder / "sys"
        self.i2c = MockI2c()
        self.sensors = build(
            self.profile, self.clock, Inline(), self.board.factory, sys_root, self.i2c
        )
        self.sampler = Sampler(self.profile, self.sensors, self.clock, counters, charges)

    def run(self, seconds: float) -> Measurement:
        """Let time pass in turns of a quarter of a second; what is measured at the end."""
        for _ in range(round(seconds / TURN_S)):
            self.clock.advance(TURN_S)
            self.turn()
        return self.sampler.measure()

    def turn(self) -> None:
        """One turn, without time passing."""
        if self.feedback_follows:
            for point in self._points():
                is_open = not self.board.level(point.contactor_pin) or point.id in self.cut_feedback
                self.board.drive(point.feedback_pin, is_open)
        self.sampler.turn()

    def cross(self, first: int, second: int) -> None:
        """Somebody passes from one beam's pin to the other's, in 0.6 s, and is out of sight."""
        start = self.clock.monotonic()
        for after_s, pin, high in ((0, first, True), (0.2, second, True), (0.4, first, False)):
            self.board.drive(pin, high, at=start + after_s)
        self.board.drive(second, False, at=start + 0.6)
        self.run(1.5)

    def faults(self) -> set[tuple[str, str]]:
        """Sensor and reason of every fault measured now."""
        return {(fault.sensor, fault.reason) for fault in self.sampler.measure().faults or ()}

    def close(self) -> None:
        """Close the sampler and the board."""
        self.sampler.close()
        self.board.close()

    def _points(self) -> list[EbikePoint]:
        return [charger for charger in self.profile.chargers if charger.kind == "ebike"]

    def _make_quiet(self) -> None:
        """Door shut, nobody there, 20 °C, nothing charging, water half full, no smoke."""
        for pin in (17, 27, 22, 23, 16, 25):
            self.board.drive(pin, False)
        self.board.drive(24, True)
        if self.profile.adc:
            for channel in ("a0", "a1", "a2", "a4"):
                self.board.set_volts(channel, 0.33)
            self.board.set_volts("a5", 1.65)
        one_wire = self.profile.one_wire
        assert one_wire is not None
        probes = ((one_wire.room, 20.0), (one_wire.outlet, 21.0), (one_wire.outdoor, -1.0))
        for probe, celsius in probes:
            if probe is not None:
                self.board.set_celsius(probe, celsius)
        for point in self._points():
            self.board.set_celsius(point.probe, 15.0)


@contextmanager
def station(
    folder: Path, tables: dict[str, Any] | None = None, counters: Counters | None = None
) -> Iterator[StationOnBoard]:
    """A station that is closed afterwards."""
    one = StationOnBoard(folder, tables, counters)
    try:
        yield one
    finally:
        one.close()
