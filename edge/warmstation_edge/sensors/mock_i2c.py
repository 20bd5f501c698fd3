"""A mock I2C bus, byte for byte: SHT31, TCA9548A and NAU7802 as their datasheets describe them.

Ships in the product, as `mock` does: the simulator and the tests drive it.
"""

from __future__ import annotations

from threading import RLock
from typing import Protocol

from warmstation_edge.errors import NoAnswer
from warmstation_edge.sensors.sht31 import crc8


class I2cDevice(Protocol):
    """A chip: what it does with the bytes written to it, and what it gives to be read."""

    def written(self, sent: bytes) -> None:
        """OSError where it does not acknowledge."""
        ...

    def read(self, wanted: int) -> bytes:
        """So many bytes; OSError where it does not acknowledge."""
        ...


class MockI2c:
    """Implements I2c: chips by address, and behind the channels of a multiplexer."""

    def __init__(self, devices: dict[int, I2cDevice] | None = None) -> None:
        self.devices = devices or {}
        self.muxes: dict[int, MockMux] = {}
        self.lock = RLock()

    def transfer(self, address: int, sent: bytes, wanted: int = 0) -> bytes:
        """Write, then read; NoAnswer where no chip acknowledges."""
        device = self._at(address)
        if device is None:
            raise NoAnswer(f"I2C address 0x{address:02x}: Remote I/O error")
        if sent:
            device.written(sent)
        return device.read(wanted) if wanted else b""

    def _at(self, address: int) -> I2cDevice | None:
        if address in self.muxes:
            return self.muxes[address]
        behind = (mux.at(address) for mux in self.muxes.values())
        return self.devices.get(address) or next(filter(None, behind), None)


class MockMux:
    """TCA9548A: `channels[n][address]` is a chip on channel n. `reset` as a brown-out does."""

    def __init__(self, channels: dict[int, dict[int, I2cDevice]]) -> None:
        self.channels = channels
        self.control = 0

    def written(self, sent: bytes) -> None:
        """The last byte is the control register."""
        self.control = sent[-1]

    def read(self, wanted: int) -> bytes:
        """The control register."""
        return bytes([self.control]) * wanted

    def at(self, address: int) -> I2cDevice | None:
        """The chip that answers on the channels which are chosen."""
        for number, devices in self.channels.items():
            if self.control >> number & 1 and address in devices:
                return devices[address]
        return None

    def reset(self) -> None:
        """All channels are off."""
        self.control = 0


class MockSht31:
    """Answers a single shot with what it was set to; `spoils_crc` disturbs the second word."""

    def __init__(self, celsius: float = 20.0, humidity_pct: float = 45.0) -> None:
        self.celsius = celsius
        self.humidity_pct = humidity_pct
        self.spoils_crc = False
        self.commands: list[bytes] = []

    def written(self, sent: bytes) -> None:
        """A command of two bytes."""
        self.commands.append(sent)

    def read(self, wanted: int) -> bytes:
        """Temperature and humidity with their CRCs; nothing is acknowledged without a command."""
        if not self.commands or self.commands[-1] != b"\x24\x00":
            raise NoAnswer("the SHT31 has nothing to say")
        self.commands.append(b"")
        words = (round((self.celsius + 45) / 175 * 65535), round(self.humidity_pct / 100 * 65535))
        answer = b""
        for word in words:
            raw = word.to_bytes(2, "big")
            answer += raw + bytes([crc8(raw)])
        if self.spoils_crc:
            answer = answer[:-1] + bytes([answer[-1] ^ 0x01])
        return answer[:wanted]


class MockNau7802:
    """Converts `counts` once it was powered up, calibrated and started; `cut` takes its power."""

    def __init__(self, counts: int = 0) -> None:
        self.counts = counts
        self.fails_calibration = False
        self._registers = bytearray(0x20)
        self._pointer = 0

    def written(self, sent: bytes) -> None:
        """A register's address, and perhaps its value."""
        self._pointer = sent[0]
        for at, value in enumerate(sent[1:], sent[0]):
            self._set(at, value)

    def read(self, wanted: int) -> bytes:
        """Registers from the one that was addressed."""
        self._registers[0x12:0x15] = (self.counts & 0xFFFFFF).to_bytes(3, "big")
        at = self._pointer
        return bytes(self._registers[at : at + wanted])

    def cut(self) -> None:
        """The registers are what they are after power-on."""
        self._registers = bytearray(0x20)

    def _set(self, at: int, value: int) -> None:
        if at == 0x00 and value & 0x01:
            self.cut()
            return
        self._registers[at] = value
        if at == 0x00 and value & 0x02:
            is_running = value & 0x04 and value & 0x10
            self._registers[at] = value | 0x08 | (0x20 if is_running else 0)
        if at == 0x02 and value & 0x04:
            self._registers[at] = value & ~0x04 | (0x08 if self.fails_calibration else 0)
