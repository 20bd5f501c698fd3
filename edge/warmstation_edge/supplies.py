"""What is on the shelf: level gauges and floats -> wire Supply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from warmstation_edge.calibration import LEVEL, corrected
from warmstation_edge.faults import told
from warmstation_edge.reading import Reading
from warmstation_edge.sensors.guarded import Sensor
from warmstation_wire import Calibration, Fault, Supply


class Supplies:
    """Sampled by the sampler."""

    def __init__(
        self, gauges: Mapping[str, Sensor[float]], calibration: Mapping[str, Calibration]
    ) -> None:
        self._gauges = gauges
        self._calibration = calibration
        self._levels: dict[str, Reading[float]] = {}
        self._on_wire: tuple[Supply, ...] | None = None

    def sample(self, now: float) -> None:
        """Read every gauge."""
        for item, gauge in self._gauges.items():
            calibration = self._calibration.get(item)
            self._levels[item] = corrected(gauge.read(now), calibration, LEVEL)
        self._on_wire = tuple(_supply(*pair) for pair in self._levels.items()) or None

    def on_wire(self) -> tuple[Supply, ...] | None:
        """The wire's supplies; None where nothing is measured."""
        return self._on_wire

    def faults(self) -> Iterator[Fault]:
        """What gives no value."""
        for item, level in self._levels.items():
            yield from told(item, level)


def _supply(item: str, level: Reading[float]) -> Supply:
    share = None if level.value is None else round(min(1.0, max(0.0, level.value)), 3)
    return Supply(item=item, level=share)
