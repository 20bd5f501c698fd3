"""When a station was one, and where it stood: which of its hours and days count at all. Pure.

By whole hours: one in which it ended, or came back, counts as it was measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from warmstation_server.history import Usage
from warmstation_server.places import Station
from warmstation_server.usage.day import HOUR, Span, bounds
from warmstation_server.usage.period import DAY, Period

_BLINK = timedelta(microseconds=1)


class Lives(Protocol):
    """How stations lived; the roster."""

    @property
    def known(self) -> Mapping[str, Station]:
        """All stations by id, and those that are none any more."""
        ...

    def then(self, station: Station, at: datetime) -> Station:
        """The station as it was promised at a moment, and where it stood."""
        ...

    def breaks(self, station: str) -> Sequence[Span]:
        """From when until when it was no station, rising."""
        ...

    def moves(self, station: str) -> Sequence[datetime]:
        """When it moved to another region, rising."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """`zone`: whose days they are."""

    lives: Lives
    zone: ZoneInfo

    def breaks(self, station: str) -> list[Span]:
        """Whole hours in which it was none, rising."""
        found = self.lives.breaks(station)
        hours = ((_floor(start - _BLINK) + HOUR, _floor(end)) for start, end in found)
        return [(start, end) for start, end in hours if start < end]

    def measured(self, station: str, found: Sequence[Usage]) -> Sequence[Usage]:
        """Hours without those in which it was none: what is measured then counts to nobody."""
        breaks = self.breaks(station)
        if not breaks:
            return found
        return [one for one in found if not _is_in(one.start, breaks)]

    def elapsed(self, station: str, start: datetime, end: datetime) -> timedelta:
        """How much of a time it was one."""
        gone = (min(end, stop) - max(start, begin) for begin, stop in self.breaks(station))
        return end - start - sum((one for one in gone if one > timedelta(0)), timedelta(0))

    def serves(self, station: str, days: Period) -> bool:
        """Whether it was one at any time of these days."""
        if not self.lives.breaks(station):
            return True
        start, end = bounds(days.first, self.zone)[0], bounds(days.last, self.zone)[1]
        return self.elapsed(station, start, end) > timedelta(0)

    def region_on(self, station: Station, day: date) -> str:
        """Where it stood when a day began."""
        return self.lives.then(station, bounds(day, self.zone)[0]).region_id

    def moves(self, station: Station) -> list[date]:
        """The first days that count elsewhere, rising: not yet the day of the move itself."""
        local = (at.astimezone(self.zone) for at in self.lives.moves(station.id))
        return [(one - _BLINK).date() + DAY for one in local]

    def marks(self, days: Iterable[date]) -> dict[date, str]:
        """Another text for a day of which another part is service now; none where all of it is."""
        spans = [
            (*self._days(start, end), f"{name} {start.isoformat()} {end.isoformat()}")
            for name in sorted(self.lives.known)
            for start, end in self.breaks(name)
        ]
        if not spans:
            return {}
        found = {
            day: " ".join(text for first, last, text in spans if first <= day <= last)
            for day in days
        }
        return {day: text for day, text in found.items() if text}

    def _days(self, start: datetime, end: datetime) -> tuple[date, date]:
        far = end.year == date.max.year
        last = date.max if far else (end - _BLINK).astimezone(self.zone).date()
        return start.astimezone(self.zone).date(), last


def _floor(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _is_in(at: datetime, spans: Iterable[Span]) -> bool:
    return any(start <= at < end for start, end in spans)
