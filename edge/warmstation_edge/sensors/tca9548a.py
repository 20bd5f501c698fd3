"""TCA9548A: eight I2C buses behind one address, so that eight scales with the same one fit.

Datasheet SCPS207H (Texas Instruments), section 8.5: one control byte, bit n = channel n; it can be
read back, and is zero after a reset. Blueprint: `blueprints/scales.toml`.
"""

from __future__ import annotations

from threading import RLock

from warmstation_edge.errors import NoAnswer
from warmstation_edge.sensors.i2c import I2c


class MuxChannel:
    """One channel, itself a bus. It is chosen anew for each transfer: a brown-out chooses none."""

    def __init__(self, bus: I2c, address: int, channel: int) -> None:
        self._bus = bus
        self._address = address
        self._channel = channel

    @property
    def lock(self) -> RLock:
        """The whole bus's: while one channel is chosen no other may be."""
        return self._bus.lock

    def transfer(self, address: int, sent: bytes, wanted: int = 0) -> bytes:
        """Choose the channel, see that it was taken, then write and read."""
        chosen = bytes([1 << self._channel])
        with self.lock:
            if self._bus.transfer(self._address, chosen, 1) != chosen:
                raise NoAnswer(f"the multiplexer 0x{self._address:02x} chose another channel")
            return self._bus.transfer(address, sent, wanted)
