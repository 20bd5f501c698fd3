"""The detectors that the table compares with: a plain threshold and ASHRAE G36's zone rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

from warmstation_server.diagnosis.config import HeatingConfig
from warmstation_server.diagnosis.sample import Sample


@dataclass
class Threshold:
    """Room below 16 °C for 30 min in open hours."""

    config: HeatingConfig
    since_s: float | None = None
    is_told: bool = False

    def after(self, sample: Sample) -> list[str]:
        """Causes named at this sample."""
        cold = sample.room_c is not None and sample.room_c < 16.0
        if sample.room_c is None:
            return []
        if not cold or self.config.hours_since_opening(sample.at_s) is None:
            self.since_s, self.is_told = None, False
            return []
        self.since_s = sample.at_s if self.since_s is None else self.since_s
        if self.is_told or sample.at_s - self.since_s < 1800.0:
            return []
        self.is_told = True
        return ["cold"]

    def twin(self) -> Threshold:
        """The same with a future of its own."""
        return replace(self)


@dataclass
class ZoneRule:
    """Guideline 36: more than 3 K from set point for 10 min in open hours."""

    config: HeatingConfig
    since_s: float | None = None
    is_told: bool = False

    def after(self, sample: Sample) -> list[str]:
        """Causes named at this sample."""
        if sample.room_c is None:
            return []
        off = sample.room_c - self.config.setpoint
        if abs(off) < 3.0 or self.config.hours_since_opening(sample.at_s) is None:
            self.since_s, self.is_told = None, False
            return []
        self.since_s = sample.at_s if self.since_s is None else self.since_s
        if self.is_told or sample.at_s - self.since_s < 600.0:
            return []
        self.is_told = True
        return ["cold" if off < 0 else "hot"]

    def twin(self) -> ZoneRule:
        """The same with a future of its own."""
        return replace(self)
