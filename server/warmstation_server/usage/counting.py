"""Brings the rollup up to date with the history, day by day, late data included. For `chores`.

A day is counted again when the history's own total of it has changed since: a report more always
changes that. With it go the days beside it, for a silence may reach over midnight.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from warmstation_server.history import History, Usage
from warmstation_server.places import Station
from warmstation_server.usage.day import (
    MARGIN,
    DayCount,
    HourCount,
    Span,
    bounds,
    day_count,
    hours_of,
    promise_of,
)
from warmstation_server.usage.period import DAY, Period, month_of
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.service import Lives, Service
from warmstation_server.usage.supplies_taking import on

log = logging.getLogger(__name__)

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""Older times are of clocks that were never set."""
AT_ONCE = 50
"""Stations asked for in one question, some ten milliseconds: others get their turn between."""


class Promises(Lives, Protocol):
    """What was promised; the roster."""

    def spans(self, station: Station, start: datetime, end: datetime) -> list[Span]:
        """When it was posted as open, by the hours that were posted then; none where unknown."""
        ...


class Counting:
    """One thread calls `turn`; `hours` may be asked by any."""

    def __init__(
        self, history: History, rollup: Rollup, promises: Promises, zone: ZoneInfo
    ) -> None:
        self._history, self._rollup, self._promises = history, rollup, promises
        self._zone = zone
        self.service = Service(promises, zone)
        self.counted_at: datetime | None = None
        """Everything that was stored before this moment is in the rollup."""
        self.waiting = 0
        """Days that are still to be counted."""

    def turn(self, now: datetime, breath: Callable[[], bool] = on) -> int:
        """Count every day that has changed; how many they were. HistoryAway may end it.

        `breath` is called between some stations and some more, and says whether to stop.
        """
        marks = self._marks_now(now)
        today = now.astimezone(self._zone).date()
        days = self._stale(marks, self._rollup.marks(), today)
        self.waiting = len(days)
        for day in days:
            counted = self._counted(day, now, breath)
            if counted is None:
                return len(days) - self.waiting
            self._rollup.put(day, counted, marks.get(day, ""))
            self.waiting -= 1
        for month in sorted({month_of(day) for day in marks if month_of(day) < month_of(today)}):
            if not self._rollup.has_month(month):
                self._rollup.close_month(month)
        self.counted_at = now
        return len(days)

    def hours(self, station: Station, day: date, now: datetime) -> list[HourCount]:
        """The hours behind a station's day."""
        start, end = bounds(day, self._zone)
        found = self._history.usage([station.id], start - MARGIN, end + MARGIN, "hour")
        return self._hours(station, day, found.get(station.id, []), now)

    def posted(self, station: Station, start: datetime, end: datetime) -> list[Span]:
        """When a station was posted as open, by the hours that were posted then."""
        return self._promises.spans(station, start, end)

    def _hours(
        self, station: Station, day: date, found: Sequence[Usage], now: datetime
    ) -> list[HourCount]:
        start, end = bounds(day, self._zone)
        last = min(end + MARGIN, max(now, start))
        posted = self._promises.spans(station, start - MARGIN, last)
        counted = {one.start: one for one in self.service.measured(station.id, found)}
        return hours_of((start, end), counted, posted, now)

    def _counted(
        self, day: date, now: datetime, breath: Callable[[], bool]
    ) -> dict[str, DayCount] | None:
        """A day of all stations; None where it is told to stop."""
        start, end = bounds(day, self._zone)
        stations = self._promises.known
        names, counted = sorted(stations), dict[str, DayCount]()
        for place in range(0, len(names), AT_ONCE):
            if breath():
                return None
            some = names[place : place + AT_ONCE]
            usage = self._history.usage(some, start - MARGIN, end + MARGIN, "hour")
            for name in some:
                found = self.service.measured(name, usage.get(name, []))
                if self._is_in_service(name, day) or any(start <= u.start < end for u in found):
                    hours = self._hours(stations[name], day, found, now)
                    elapsed = self.service.elapsed(name, start, min(end, max(now, start)))
                    as_it_was = self._promises.then(stations[name], start)
                    counted[name] = day_count(hours, promise_of(as_it_was), elapsed, self._zone)
        return counted

    def _is_in_service(self, station: str, day: date) -> bool:
        """From its first report on, a day without any counts as one that nobody measured."""
        first = self._rollup.first_day(station)
        return first is not None and first <= day and self.service.serves(station, Period(day, day))

    def _marks_now(self, now: datetime) -> dict[date, str]:
        names = sorted(self._promises.known)
        totals = self._history.total(names, EPOCH, now + DAY, "day")
        marks = {one.start.astimezone(self._zone).date(): _mark(str(one)) for one in totals}
        if marks:
            days = Period(min(marks), now.astimezone(self._zone).date())
            for day, text in self.service.marks(days).items():
                marks[day] = _mark(marks.get(day, "") + text)
        return marks

    def _stale(
        self, marks: Mapping[date, str], kept: Mapping[date, str], today: date
    ) -> list[date]:
        if not marks:
            return []
        first = min(marks)
        every = {first + n * DAY for n in range((today - first).days + 1)}
        changed = {day for day in every if kept.get(day) != marks.get(day, "")}
        beside = {day + away for day in changed for away in (-DAY, DAY)} & every
        return sorted(changed | beside | {today})


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


EVERY = timedelta(minutes=10)
"""How old figures of today may be."""
