"""What expires soon, or has. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from warmstation_server.supplies.shelf import Batch

SOON_DAYS = 7
"""Told this early: long enough to hand it out, short enough to be believed."""


@dataclass(frozen=True, slots=True)
class Expiring:
    """A batch of which something is left. `days`: until its last day; negative once it is past."""

    batch: Batch
    days: int

    @property
    def is_expired(self) -> bool:
        """The day printed on it is over."""
        return self.days < 0


def expiring(batches: Iterable[Batch], today: date, within_days: int = SOON_DAYS) -> list[Expiring]:
    """Those whose last day is at most so far away, the most urgent first."""
    found = [
        Expiring(batch, (batch.expires_on - today).days)
        for batch in batches
        if batch.expires_on is not None and batch.left > 0
    ]
    near = [one for one in found if one.days <= within_days]
    return sorted(near, key=lambda one: (one.days, one.batch.number))
