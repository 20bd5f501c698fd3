"""A mock board: what a station's agent sees of its hardware, driven by a simulator or a test.

Ships in the product. Every board has its own factory, so that many stations live in one process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from gpiozero.pins import SPI
from gpiozero.pins.mock import MockFactory, MockPin

from warmstation_edge.profile import Profile

FULL_SCALE_V = 3.3
_STEPS_PER_C = 16
_FILE_BYTES = 160


class MockBoard:
    """Pins by BCM number, volts at the channels of MCP3008s, DS18B20 probes as sysfs shows them.

    `ticks` is the seconds that edges are stamped with. Probes live below `one_wire_root`.
    """

    def __init__(
        self, profile: Profile, one_wire_root: Path, ticks: Callable[[], float] = monotonic
    ) -> None:
        self.factory = _Factory(ticks)
        self.one_wire_root = one_wire_root
        self._chips = {adc.id: _Mcp3008() for adc in profile.adc}
        self.factory.chips = {f"GPIO{adc.select_pin}": self._chips[adc.id] for adc in profile.adc}
        self._pins: dict[int, _Pin] = {}
        self._texts: dict[str, str] = {}

    def drive(self, pin: int, high: bool, at: float | None = None) -> None:
        """Something outside puts this level on an input pin; `at` (ticks) if not now."""
        self.factory.edge_at = at
        self._pin(pin).drive(high)
        self.factory.edge_at = None

    def cut(self, pin: int) -> None:
        """The wire is cut: the pin goes where its pull resistor pulls it."""
        self._pin(pin).drive(None)

    def break_pin(self, pin: int, is_broken: bool = True) -> None:
        """Make the driver refuse to read or to write this pin, or let it be well again."""
        self._pin(pin).is_broken = is_broken

    def deafen(self, is_deaf: bool = True) -> None:
        """The library's thread is dead: levels can be read, and no edge is told; or it is back."""
        self.factory.is_deaf = is_deaf

    def level(self, pin: int) -> bool:
        """The level on a pin now: what the agent drives, or what is driven from outside."""
        return bool(self._pin(pin)._state)

    def set_volts(self, channel: str, volts: float) -> None:
        """Volts at a channel, written as in the profile (`a0`); the chip sees 0..3.3 V."""
        self._chips[channel[:-1]].counts[int(channel[-1])] = _counts(volts)

    def unplug_adc(self, adc: str, is_unplugged: bool = True) -> None:
        """Take the chip off its bus: a Pi then reads zeros, as its MISO is pulled down."""
        self._chips[adc].is_unplugged = is_unplugged

    def break_adc(self, adc: str, is_broken: bool = True) -> None:
        """Make every transfer fail, as the kernel's SPI driver does when the bus is gone."""
        self._chips[adc].is_broken = is_broken

    def set_celsius(self, probe: str, celsius: float) -> None:
        """What the probe measures, in steps of 1/16 °C; comes back after `unplug_probe`."""
        self.set_w1_slave(probe, w1_slave(celsius))

    def power_on_probe(self, probe: str) -> None:
        """A probe that lost its supply and has not converted since: 85.0 °C, unmeasured."""
        self.set_w1_slave(probe, w1_slave(85.0, is_power_on=True))

    def spoil_crc(self, probe: str) -> None:
        """A disturbed bus: the kernel read nine bytes and their CRC did not fit."""
        self.set_w1_slave(probe, w1_slave(20.0, crc_ok=False))

    def set_w1_slave(self, probe: str, text: str) -> None:
        """The probe's file, word for word but for blanks at its end.

        Written only when it changes, in place and in one call: a reader never finds it empty, and
        a file system that flushes replaced files does not slow a fleet down.
        """
        if self._texts.get(probe) == text:
            return
        folder = self.one_wire_root / probe
        if probe not in self._texts:
            folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "w1_slave", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.pwrite(descriptor, text.ljust(_FILE_BYTES).encode("ascii"), 0)
        finally:
            os.close(descriptor)
        self._texts[probe] = text

    def unplug_probe(self, probe: str) -> None:
        """The kernel no longer finds the probe: its directory is gone."""
        self._texts.pop(probe, None)
        folder = self.one_wire_root / probe
        (folder / "w1_slave").unlink(missing_ok=True)
        if folder.exists():
            folder.rmdir()

    def close(self) -> None:
        """Let go of every pin."""
        self.factory.close()

    def _pin(self, number: int) -> _Pin:
        pin = self._pins.get(number)
        if pin is None:
            pin = self._pins[number] = self.factory.pin(number)
        return pin


def w1_slave(celsius: float, crc_ok: bool = True, is_power_on: bool = False) -> str:
    """The two lines that the kernel's w1_therm shows for a scratchpad (DS18B20 datasheet, p. 7)."""
    raw = round(celsius * _STEPS_PER_C)
    low, high = (raw & 0xFFFF).to_bytes(2, "little")
    remain = 0x0C if is_power_on else 0x10 - (low & 0x0F)
    pad = bytes([low, high, 0x4B, 0x46, 0x7F, 0xFF, remain, 0x10])
    crc = crc8(pad)
    shown = bytes([*pad, crc]).hex(" ")
    verdict = "YES" if crc_ok else "NO"
    return f"{shown} : crc={crc:02x} {verdict}\n{shown} t={raw * 1000 // _STEPS_PER_C}\n"


@lru_cache(maxsize=4096)
def crc8(pad: bytes) -> int:
    """The CRC of 1-Wire: x^8 + x^5 + x^4 + 1, reflected (DS18B20 datasheet, p. 9)."""
    crc = 0
    for byte in pad:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc


def _counts(volts: float) -> int:
    return min(1023, max(0, round(volts / FULL_SCALE_V * 1023)))


class _Pin(MockPin):  # type: ignore[misc]  # gpiozero ships no types
    """A mock pin with a wire to the outside, that keeps no history of its levels."""

    _outside: bool | None = None
    _state: bool
    is_broken = False

    def drive(self, level: bool | None) -> None:
        self._outside = level
        if self._function == "input":
            self._follow()

    def _follow(self) -> None:
        high = self._pull == "up" if self._outside is None else self._outside
        if high:
            self.drive_high()
        else:
            self.drive_low()

    def _get_state(self) -> bool:
        self._check_driver()
        return bool(super()._get_state())

    def _set_state(self, value: bool) -> None:
        self._check_driver()
        super()._set_state(value)

    def _check_driver(self) -> None:
        if self.is_broken:
            raise OSError("the driver refuses")

    def _set_pull(self, value: str) -> None:
        self._pull = value
        self._follow()

    def _change_state(self, value: bool) -> bool:
        was, self._state = bool(self._state), value
        return was != value

    def _call_when_changed(self) -> None:
        if not self._factory.is_deaf:
            super(MockPin, self)._call_when_changed(self._factory.edge_ticks(), self._state)


class _Mcp3008:
    """Eight counts of 0..1023 behind three bytes of SPI (MCP3008 datasheet, section 6.1)."""

    def __init__(self) -> None:
        self.counts = [0] * 8
        self.is_unplugged = False
        self.is_broken = False

    def answer(self, sent: Sequence[int]) -> list[int]:
        if self.is_broken:
            raise OSError("SPI transfer failed")
        if self.is_unplugged or len(sent) != 3 or sent[0] != 1:
            return [0] * len(sent)
        count = self.counts[(sent[1] >> 4) & 7]
        return [0, count >> 8, count & 0xFF]


class _Bus(SPI):  # type: ignore[misc]  # gpiozero ships no types
    """One device's view of the bus, whole bytes instead of clocked bits."""

    def __init__(self, chip: _Mcp3008, pin_factory: _Factory) -> None:
        super().__init__(pin_factory=pin_factory)
        self._chip: _Mcp3008 | None = chip

    def transfer(self, data: Sequence[int]) -> list[int]:
        self._check_open()
        assert self._chip is not None  # noqa: S101 - _check_open has just said so
        return self._chip.answer(data)

    def close(self) -> None:
        self._chip = None
        super().close()

    @property
    def closed(self) -> bool:
        return getattr(self, "_chip", None) is None


class _Factory(MockFactory):  # type: ignore[misc]  # gpiozero ships no types
    """Pins and chips of one board, with the board's own time."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        super().__init__(revision="a02082", pin_class=_Pin)
        self.chips: dict[str, _Mcp3008] = {}
        self.edge_at: float | None = None
        self.is_deaf = False
        self._ticks = ticks

    def ticks(self) -> float:
        return self._ticks()

    def edge_ticks(self) -> float:
        return self._ticks() if self.edge_at is None else self.edge_at

    def spi(self, **spi_args: Any) -> _Bus:
        wired, _ = self._extract_spi_args(**spi_args)
        chip = self.chips.get(wired["select_pin"])
        if chip is None:
            raise OSError(f"no chip is selected by {wired['select_pin']}")
        return _Bus(chip, self)
