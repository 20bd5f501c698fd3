"""A DS18B20 probe: read aside, judged beside its own past."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from warmstation_edge.reading import Reading
from warmstation_edge.sensors.plausible import History, after_celsius, after_driver, judged
from warmstation_edge.sensors.slow import Slow
from warmstation_edge.sensors.w1_slave import read_w1_slave


class TemperatureProbe:
    """°C of one probe, in steps of 1/16; None until it has answered once."""

    def __init__(self, name: str, folder: Path, executor: Executor) -> None:
        self.name = name
        self.reading: Reading[float] | None = None
        self._slow = Slow(name, partial(read_w1_slave, folder), executor)
        self._history = History()

    def start(self, now: float, driver: bool | None) -> None:
        """Begin a reading; `driver` is whether its heater or charger is on, None if unknown."""
        self._history = after_driver(self._history, driver, now)
        self._slow.start(now)
        self.turn(now)

    def turn(self, now: float) -> None:
        """Take the reading, if it has come."""
        finished = self._slow.finished(now)
        if finished is None:
            return
        if finished.value is None:
            self.reading = finished
            return
        self._history = after_celsius(self._history, finished.value, now)
        self.reading = judged(self._history, finished.value, now)
