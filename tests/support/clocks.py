"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from warmstation_wire.report import ClockQuality


class FakeClock:
    """Wall clock and monotonic clock, moved together by `advance`; `step` moves the wall only."""

    def __init__(self, now: datetime = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 1000.0
        self.synced = True
        self.kept = False
        self.awaited = True
        self.boot = "boot-1"

    def now(self) -> datetime:
        """Wall clock, aware, UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since boot."""
        return self._monotonic

    def is_synced(self) -> bool:
        """Whether the wall clock can be trusted."""
        return self.synced

    def quality(self) -> ClockQuality:
        """As `synced` and `kept` say."""
        if self.synced:
            return "synced"
        return "estimated" if self.kept else "unsynced"

    def is_awaited(self) -> bool:
        """Whether a time server is being asked."""
        return self.quality() == "unsynced" and self.awaited

    def advance(self, seconds: float = 0.0, minutes: float = 0.0) -> None:
        """Let time pass."""
        passed = seconds + 60 * minutes
        self._monotonic += passed
        self._now += timedelta(seconds=passed)

    def step(self, now: datetime) -> None:
        """Set the wall clock, as NTP does."""
        self._now = now

    def boot_id(self) -> str:
        """The boot that `monotonic` counts from."""
        return self.boot

    def reboot(self, now: datetime) -> None:
        """Begin anew: another boot, its clock unset and at `now`."""
        self.boot = f"boot-{int(self.boot.rpartition('-')[2]) + 1}"
        self._monotonic, self._now, self.synced = 0.0, now, False
