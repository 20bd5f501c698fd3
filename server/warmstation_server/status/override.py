"""A station opened or closed by hand: somebody's word, with a reason and an end. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Override:
    """It holds from `since` until `until`, or until it was taken back (`ended_at`).

    `reason` is shown to riders. `id`: 0 until it is kept.
    """

    station: str
    is_open: bool
    reason: str
    since: datetime
    until: datetime
    by: str
    id: int = 0
    ended_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When it stops to hold."""
        return self.until if self.ended_at is None else min(self.until, self.ended_at)

    def holds(self, now: datetime) -> bool:
        """Whether it is somebody's word now."""
        return self.since <= now < self.ends_at
