"""A DS18B20 probe: read aside, judged beside its own past.

Blueprint: `blueprints/one_wire.toml`.
"""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

from warmstation_edge.reading import Reading
from warmstation_edge.sensors.one_wire import BulkConversion
from warmstation_edge.sensors.plausible import History, after_celsius, after_driver, judged
from warmstation_edge.sensors.slow import Slow
from warmstation_edge.sensors.w1_slave import Pad, read_w1_slave


class TemperatureProbe:
    """°C of one probe, in steps of 1/16; None until it has answered once."""

    def __init__(
        self, name: str, folder: Path, executor: Executor, bulk: BulkConversion | None = None
    ) -> None:
        self.name = name
        self.reading: Reading[float] | None = None
        self._folder = folder
        self._bulk = bulk
        self._slow = Slow(name, self._read, executor)
        self._history = History()

    def start(self, now: float, driver: bool | None) -> bool:
        """Begin a reading; True if it has come at once.

        `driver` is whether the heater or charger that warms the probe is on, None if unknown.
        """
        self._history = after_driver(self._history, driver, now)
        self._slow.start(now)
        return self.turn(now)

    def turn(self, now: float) -> bool:
        """Take the reading that was begun; True if it has come."""
        finished = self._slow.finished(now)
        if finished is None:
            return False
        pad = finished.value
        if pad is None:
            self.reading = Reading(None, finished.missing, finished.detail)
            return True
        self._history = after_celsius(self._history, pad.celsius, now, pad.is_proved)
        self.reading = judged(self._history, pad.celsius, now)
        return True

    def _read(self) -> Reading[Pad]:
        if self._bulk is not None and self._folder.exists():
            self._bulk.before(self._folder.name)
        return read_w1_slave(self._folder)
