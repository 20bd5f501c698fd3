"""The text that the kernel's w1_therm shows for a DS18B20, read into °C.

Two lines: nine bytes of scratchpad with `crc=.. YES|NO`, then the bytes with `t=` in 1/1000 °C
(Documentation/w1/slaves/w1_therm.rst). Ranges and the 85 °C power-on value: DS18B20 datasheet.
"""

from __future__ import annotations

import os
from pathlib import Path

from warmstation_edge.reading import Missing, Reading

LOWEST_C = -55.0
HIGHEST_C = 125.0
_SHORTED = "00 00 00 00 00 00 00 00 00"
"""A bus shorted to ground reads zeros, and the CRC of zeros is zero: the kernel says YES."""


def read_w1_slave(folder: Path) -> Reading[float]:
    """°C of the probe in this directory. Takes 750 ms on real hardware: call it on an executor."""
    try:
        descriptor = os.open(folder / "w1_slave", os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = os.read(descriptor, 512)
        finally:
            os.close(descriptor)
    except OSError:
        return Reading.without(Missing.ABSENT)
    return celsius_in(text.decode("ascii", "replace"))


def celsius_in(text: str) -> Reading[float]:
    """°C told by the text, which may be anything."""
    crc, _, value = text.partition("\n")
    if not value or crc.startswith(_SHORTED):
        return Reading.without(Missing.ABSENT)
    if not crc.endswith("YES"):
        return Reading.without(Missing.CRC)
    try:
        celsius = int(value.rpartition("t=")[2]) / 1000
    except ValueError:
        return Reading.without(Missing.ABSENT)
    if not LOWEST_C <= celsius <= HIGHEST_C:
        return Reading.without(Missing.RANGE)
    return Reading.of(celsius)
