"""The I2C bus, as bytes. smbus2 is imported when the first byte is to go out, and only here.

A transfer writes, then reads with a repeated start, as one i2c_rdwr (Linux i2c-dev.h): no other
process can come in between. `lock` keeps the transfers of one device together.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Protocol

from warmstation_edge.errors import NoAnswer, NoLibrary

_CLOSES_S = 0.5
"""A stop waits no longer for a transfer that is under way."""


class I2c(Protocol):
    """A bus, or one channel of a multiplexer on it."""

    @property
    def lock(self) -> RLock:
        """Hold it where several transfers belong together."""
        ...

    def transfer(self, address: int, sent: bytes, wanted: int = 0) -> bytes:
        """Write, then read so many bytes; NoAnswer where nobody acknowledges."""
        ...


class LinuxI2c:
    """/dev/i2c-N. Opened at the first transfer, and anew after one that failed."""

    def __init__(self, number: int, smbus: Callable[[int], Any] | None = None) -> None:
        self._number = number
        self._smbus = smbus
        self._bus: Any = None
        self.lock = RLock()

    def transfer(self, address: int, sent: bytes, wanted: int = 0) -> bytes:
        """Write, then read; NoLibrary where smbus2 is missing."""
        with self.lock:
            message = _messages()
            messages = [message.write(address, sent)] if sent else []
            messages += [message.read(address, wanted)] if wanted else []
            try:
                self._opened().i2c_rdwr(*messages)
            except OSError as error:
                self.close()
                where = f"I2C bus {self._number}, address 0x{address:02x}"
                raise NoAnswer(f"{where}: {error.strerror or error}") from None
            return bytes(messages[-1]) if wanted else b""

    def close(self, patience_s: float = _CLOSES_S) -> None:
        """Let go of the device file; a bus that hangs in its driver is left."""
        if self.lock.acquire(timeout=patience_s):
            try:
                if self._bus is not None:
                    self._bus.close()
                    self._bus = None
            finally:
                self.lock.release()

    def _opened(self) -> Any:
        if self._bus is None:
            self._bus = (self._smbus or _smbus())(self._number)
        return self._bus


def _messages() -> Any:
    try:
        from smbus2 import i2c_msg
    except ImportError:
        raise NoLibrary("smbus2") from None
    return i2c_msg


def _smbus() -> Callable[[int], Any]:
    try:
        from smbus2 import SMBus
    except ImportError:
        raise NoLibrary("smbus2") from None
    bus: Callable[[int], Any] = SMBus
    return bus
