"""A reading corrected as the server or the profile says, and kept within what can be true. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_edge.reading import Missing, Reading
from warmstation_wire import Calibration


@dataclass(frozen=True, slots=True)
class Band:
    """The values that a sensor at this place can have; beyond them it is out of range."""

    low: float
    high: float


ROOM_C = Band(-40, 60)
OUTLET_C = Band(-40, 125)
OUTDOOR_C = Band(-55, 60)
PROBE_C = Band(-40, 125)
POWER_W = Band(0, 100_000)
HUMIDITY_PCT = Band(-2, 105)
LEVEL = Band(-0.05, 1.05)
"""A gauge may be off by a little at both ends; `supplies` then says empty or full."""


def corrected(
    reading: Reading[float], calibration: Calibration | None, band: Band
) -> Reading[float]:
    """value * scale + offset; `range` where that leaves the band."""
    value = reading.value
    if value is None:
        return reading
    if calibration is not None:
        value = value * calibration.scale + calibration.offset
    if not band.low <= value <= band.high:
        return Reading.without(Missing.RANGE)
    return reading if calibration is None else Reading.of(value)


def corrected_within(
    reading: Reading[float], calibration: Calibration | None, band: Band
) -> Reading[float]:
    """The same, but held at the band's low end: a correction may not make watts negative."""
    if calibration is None:
        return corrected(reading, None, band)
    lifted = corrected(reading, calibration, Band(float("-inf"), band.high))
    if lifted.value is not None and lifted.value < band.low:
        return Reading.of(band.low)
    return lifted
