"""SHT31: relative humidity and temperature by I2C.

Datasheet SHT3x-DIS, version 7 (Sensirion): single shot without clock stretching 0x2400 (4.3), done
after at most 15.5 ms (2.2), two 16-bit words each with a CRC-8 (4.12), soft reset 0x30A2 (4.9),
conversion formulas (4.13). Blueprint: `blueprints/humidity.toml`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from warmstation_edge.errors import BadCrc
from warmstation_edge.reading import Reading
from warmstation_edge.sensors.i2c import I2c

_SINGLE_SHOT = b"\x24\x00"
_SOFT_RESET = b"\x30\xa2"
_MEASURES_S = 0.0155
_RESETS_S = 0.0015
_FULL_SCALE = 65535


@dataclass(frozen=True, slots=True)
class Air:
    """What one measurement says: °C and percent relative humidity."""

    celsius: float
    humidity_pct: float


class Sht31:
    """One chip. `ask` takes 16 ms: call it on an executor."""

    def __init__(self, bus: I2c, address: int, wait: Callable[[float], None] = time.sleep) -> None:
        self._bus = bus
        self._address = address
        self._wait = wait
        self._is_well = False

    def ask(self) -> Reading[Air]:
        """Measure once; after a failure, and at first, the chip is reset before."""
        with self._bus.lock:
            if not self._is_well:
                self._bus.transfer(self._address, _SOFT_RESET)
                self._wait(_RESETS_S)
            self._is_well = False
            self._bus.transfer(self._address, _SINGLE_SHOT)
            self._wait(_MEASURES_S)
            answer = self._bus.transfer(self._address, b"", 6)
        air = air_in(answer)
        self._is_well = True
        return Reading.of(air)


def air_in(answer: bytes) -> Air:
    """The six bytes of an answer; BadCrc where a word and its check sum do not fit."""
    words = []
    for at in (0, 3):
        word, crc = answer[at : at + 2], answer[at + 2]
        if crc8(word) != crc:
            raise BadCrc(f"SHT31: {word.hex()} needs CRC {crc8(word):02x}, {crc:02x} came")
        words.append(int.from_bytes(word, "big"))
    celsius, humidity = words
    return Air(-45 + 175 * celsius / _FULL_SCALE, 100 * humidity / _FULL_SCALE)


def crc8(word: bytes) -> int:
    """Polynomial 0x31, start 0xFF, not reflected: 0xBEEF gives 0x92 (datasheet 4.12)."""
    crc = 0xFF
    for byte in word:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x31 if crc & 0x80 else crc << 1) & 0xFF
    return crc
