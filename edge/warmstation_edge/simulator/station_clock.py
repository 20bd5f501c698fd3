"""A simulated station's clocks: true time comes in each turn; a fault may make them wrong."""

from __future__ import annotations

from datetime import UTC, datetime

from warmstation_wire.report import ClockQuality


class StationClock:
    """Implements Clock. `at_s` is the true time, POSIX; `boot_s` when the board was powered."""

    def __init__(self, boot_s: float) -> None:
        self.boot_s = boot_s
        self.at_s = boot_s
        self.is_1970 = False

    def now(self) -> datetime:
        """Wall clock: a Pi without battery and network begins in 1970."""
        return datetime.fromtimestamp(self.monotonic() if self.is_1970 else self.at_s, UTC)

    def monotonic(self) -> float:
        """Seconds since this board was powered."""
        return self.at_s - self.boot_s

    def is_synced(self) -> bool:
        """True except while it is 1970 here."""
        return not self.is_1970

    def quality(self) -> ClockQuality:
        """A simulated board has no battery."""
        return "synced" if self.is_synced() else "unsynced"

    def is_awaited(self) -> bool:
        """While it is 1970."""
        return self.is_1970

    def boot_id(self) -> str:
        """The moment of power-on: no two boots of a station share it."""
        return f"{self.boot_s:.3f}"
