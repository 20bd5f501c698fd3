"""The text that the kernel's w1_therm shows for a DS18B20, read into °C.

Two lines: nine bytes of scratchpad with `crc=.. YES|NO`, then the bytes with `t=` in 1/1000 °C
(Documentation/w1/slaves/w1_therm.rst). Where the CRC did not fit, the second line repeats the last
good value: a stale one, which is not taken. Ranges and scratchpad: DS18B20 datasheet.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from warmstation_edge.reading import Missing, Reading

LOWEST_C = -55.0
HIGHEST_C = 125.0
POWER_ON_C = 85.0
_SHORTED = "00 00 00 00 00 00 00 00 00"
"""A bus shorted to ground reads zeros, and the CRC of zeros is zero: the kernel says YES."""
_COUNT_REMAIN = 6
_MEASURED_85 = "10"
"""After a conversion the reserved byte 6 is 16 less the low four bits of the temperature, as in the
DS18S20; after power-on it is 0x0c. The kernel tells the two apart by it too (w1_therm features,
bit 0). Copies of the chip may leave it at 0x0c: then only the past can tell."""


@dataclass(frozen=True, slots=True)
class Pad:
    """°C, and whether the scratchpad proves that an 85.0 was measured."""

    celsius: float
    is_proved: bool = False


def read_w1_slave(folder: Path) -> Reading[Pad]:
    """°C of the probe in this directory. Takes 750 ms on real hardware: call it on an executor."""
    try:
        descriptor = os.open(folder / "w1_slave", os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = os.read(descriptor, 512)
        finally:
            os.close(descriptor)
    except OSError:
        return Reading.without(Missing.ABSENT)
    return pad_in(text.decode("ascii", "replace"))


def pad_in(text: str) -> Reading[Pad]:
    """What the text says, which may be anything."""
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
    return Reading.of(Pad(celsius, _proves_85(crc)))


def _proves_85(crc: str) -> bool:
    pad = crc.split()[:9]
    return len(pad) == 9 and pad[_COUNT_REMAIN] == _MEASURED_85
