"""The server's time, read once a turn and handed on; tests bring their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)


def is_due(at: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Whether its moment has come. Further ahead than ever: then the clock was set back."""
    return at is None or now >= at or at - now > longest
