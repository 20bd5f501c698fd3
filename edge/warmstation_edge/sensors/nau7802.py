"""NAU7802: the 24-bit converter of a load cell under a shelf.

Datasheet NAU7802 V1.7 (Nuvoton): registers (11), power-up sequence (8.1), calibration (8.4).
Ten conversions a second at gain 128 with the chip's own 3.0 V: the cell is driven by the chip, so
that its supply cancels out. Blueprint: `blueprints/scales.toml`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from warmstation_edge.errors import NoAnswer
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.i2c import I2c

ADDRESS = 0x2A
_PU_CTRL, _CTRL1, _CTRL2, _ADCO_B2, _ADC, _PGA_PWR = 0x00, 0x01, 0x02, 0x12, 0x15, 0x1C
_RESET, _DIGITAL_UP = b"\x01", b"\x02"
_RUNNING = b"\x9e"
"""AVDDS (the chip's own 3.0 V), cycle start, analog and digital part up."""
_READY, _UP, _IN_RESET = 0x20, 0x08, 0x01
_LDO_3V0_GAIN_128 = b"\x2f"
_NO_CHOPPER = b"\x30"
_PGA_CAPACITOR = b"\x80"
_CALIBRATE, _CALIBRATES, _CAL_FAILED = b"\x04", 0x04, 0x08
_ENDS = (-(2**23), 2**23 - 1)
_STEP_S = 0.01
_PATIENCE = 100
"""Steps: a calibration takes four conversions, 0.4 s."""
_SAMPLES = 3


class Nau7802:
    """One converter. `ask` takes up to 1.5 s: call it on an executor."""

    def __init__(self, bus: I2c, wait: Callable[[float], None] = time.sleep) -> None:
        self._bus = bus
        self._wait = wait
        self._is_running = False

    def ask(self) -> Reading[float]:
        """Counts, the median of three conversions; `range` at either end of the scale.

        A chip that lost its power says so by its ready bit staying away: it is started anew.
        """
        try:
            if not self._is_running:
                self._start()
            counts = sorted(self._count() for _ in range(_SAMPLES))[_SAMPLES // 2]
        except OSError:
            self._is_running = False
            raise
        if counts in _ENDS:
            return Reading.without(Missing.RANGE, "the load cell pulls the converter to its end")
        return Reading.of(float(counts))

    def _start(self) -> None:
        self._write(_PU_CTRL, _RESET)
        self._write(_PU_CTRL, _DIGITAL_UP)
        self._await(_PU_CTRL, _UP, _UP, "does not power up")
        self._write(_PU_CTRL, _RUNNING)
        self._write(_CTRL1, _LDO_3V0_GAIN_128)
        self._write(_ADC, _NO_CHOPPER)
        self._write(_PGA_PWR, _PGA_CAPACITOR)
        self._write(_CTRL2, _CALIBRATE)
        if self._await(_CTRL2, _CALIBRATES, 0, "does not end its calibration") & _CAL_FAILED:
            raise NoAnswer("NAU7802: its calibration failed; is a load cell connected?")
        self._is_running = True

    def _count(self) -> int:
        if self._await(_PU_CTRL, _READY, _READY, "converts nothing") & _IN_RESET:
            raise NoAnswer("NAU7802: nothing but ones; is its data line held up?")
        return int.from_bytes(self._read(_ADCO_B2, 3), "big", signed=True)

    def _await(self, register: int, mask: int, wanted: int, said: str) -> int:
        for _ in range(_PATIENCE):
            value = self._read(register, 1)[0]
            if value & mask == wanted:
                return value
            self._wait(_STEP_S)
        raise NoAnswer(f"NAU7802: it {said}")

    def _read(self, register: int, count: int) -> bytes:
        return self._bus.transfer(ADDRESS, bytes([register]), count)

    def _write(self, register: int, value: bytes) -> None:
        self._bus.transfer(ADDRESS, bytes([register]) + value)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the converter says of an empty cell and of each kilogram; what an empty shelf and a
    full one weigh."""

    zero_counts: float
    counts_per_kg: float
    empty_kg: float
    full_kg: float


class Scale:
    """A shelf on a load cell as the share of full that stands on it; `counts` came last."""

    def __init__(self, convert: Callable[[], Reading[float]], shelf: Shelf) -> None:
        self._convert = convert
        self._shelf = shelf
        self.counts: float | None = None

    def ask(self) -> Reading[float]:
        """Share of full; a little beyond both ends, which `supplies` judges."""
        counts = self._convert()
        self.counts = counts.value
        if counts.value is None:
            return counts
        shelf = self._shelf
        kg = (counts.value - shelf.zero_counts) / shelf.counts_per_kg
        return Reading.of((kg - shelf.empty_kg) / (shelf.full_kg - shelf.empty_kg))
