"""Visits that people counted, beside those that a sensor counted: never added to each other. Pure.

A sensor counts inward crossings (`history.Usage.visits`), a visitor counts themself with the code
at the wall (`qr`), staff count heads (`manual`), and another system's counts are taken over as they
were (`imported`). They say different things: whoever shows one says which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo

VisitMethod = Literal["qr", "manual", "imported"]
METHODS: tuple[VisitMethod, ...] = get_args(VisitMethod)
MOST = 10_000
"""In one count."""


@dataclass(frozen=True, slots=True)
class VisitCount:
    """So many came in between `start` and `end`; both are the moment itself for a check-in."""

    station: str
    method: VisitMethod
    visits: int
    start: datetime
    end: datetime
    by: str = ""
    note: str = ""
    id: int = 0


def by_day(
    counts: Iterable[VisitCount], zone: ZoneInfo
) -> dict[tuple[str, date, VisitMethod], int]:
    """Visits by station, local day on which the count began, and method."""
    found: dict[tuple[str, date, VisitMethod], int] = {}
    for count in counts:
        key = count.station, count.start.astimezone(zone).date(), count.method
        found[key] = found.get(key, 0) + count.visits
    return found
