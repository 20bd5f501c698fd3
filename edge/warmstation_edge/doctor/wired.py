"""The station under the doctor's hands: turned, measured down to raw counts, and moved."""

from __future__ import annotations

from dataclasses import replace

from warmstation_edge.measurement import Measurement
from warmstation_edge.sampler import Sampler
from warmstation_edge.sensors.build import Sensors


class Wired:
    """Implements rounds.Sampling and steps.Hands on the real sampler and its sensors."""

    def __init__(self, sampler: Sampler, sensors: Sensors) -> None:
        self._sampler = sampler
        self._sensors = sensors

    def turn(self) -> None:
        """Read what is due."""
        self._sampler.turn()

    def measure(self) -> Measurement:
        """What is known now, and what each scale converted last."""
        counts = {name: scale.counts for name, scale in self._sensors.scales.items()}
        known = {name: value for name, value in counts.items() if value is not None}
        return replace(self._sampler.measure(), counts=known or None)

    def drive(self, point: str, closed: bool) -> None:
        """Close or open its contactor; what is refused now is asked for again at the next turn."""
        if closed:
            self._sampler.close_contactor(point)
        else:
            self._sampler.open_contactor(point)

    def identify(self) -> None:
        """Let the LED flash for another minute."""
        self._sampler.identify()
