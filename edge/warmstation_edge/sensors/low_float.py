"""A float contact as a level: it knows two, below its mark and above."""

from __future__ import annotations

from warmstation_edge.reading import Reading
from warmstation_edge.sensors.contact import Contact

LOW_LEVEL = 0.1
ENOUGH_LEVEL = 0.5


class LowFloat:
    """Below the mark is told as 0.1 of full, above it as 0.5: neither empty nor full is known."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    def read(self, now: float) -> Reading[float]:
        """Share of full, one of two values."""
        return Reading.of(LOW_LEVEL if self._contact.read(now).value else ENOUGH_LEVEL)

    def close(self) -> None:
        """Let go of the pin."""
        self._contact.close()
