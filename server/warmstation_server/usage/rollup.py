"""Days and months of every station, added up, in a file of their own.

Everything here follows from the history and is made again where the file is gone. One thread
writes, any thread reads.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from warmstation_server.usage.day import DayCount
from warmstation_server.usage.derived import FiguresAway, forget, is_damage
from warmstation_server.usage.lanes import blob, number, packed, rows, table, whole
from warmstation_server.usage.period import DAY, Month, Period, month_of
from warmstation_server.usage.rollup_file import (
    DAY_LANES,
    HEAT_LANES,
    in_week,
    month_id,
    opened,
    weekday,
)
from warmstation_server.usage.sums import COUNT

_SPAN = "WHERE id >= ? AND id < ?"


@dataclass(frozen=True, slots=True)
class Added:
    """What some days add up to, as lanes: by station, by month, and all hours of the week."""

    by_station: Mapping[str, int]
    by_month: Mapping[Month, int]
    heat: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.by_month.values())


class Rollup:
    """The file. `version` rises with every change, so that answers may be kept meanwhile."""

    def __init__(self, path: Path, zone: str) -> None:
        self._lock = threading.Lock()
        self._path, self._zone = path, zone
        self.version = 0
        self.is_damaged = False
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.begin_anew()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def begin_anew(self) -> None:
        """Let go of all that is in it: every day is to be counted again."""
        with self._lock:
            self._connection.close()
            forget(self._path)
            self._open()
            self.is_damaged = False
        self.version += 1

    def marks(self) -> dict[date, str]:
        """What the history looked like when each day was counted."""
        return {date.fromordinal(day): mark for day, mark in self._rows("SELECT * FROM seen")}

    def is_beyond(self, day: date) -> bool:
        """Whether a later day was counted, so that this one was over when it was counted last."""
        query = "SELECT 1 FROM seen WHERE day > ? LIMIT 1"
        return bool(self._rows(query, (day.toordinal(),)))

    def first_day(self, station: str) -> date | None:
        """The first day that was counted of a station."""
        first = self._first.get(station)
        return None if first is None else date.fromordinal(first)

    def put(self, day: date, counted: Mapping[str, DayCount], mark: str) -> None:
        """Keep what a day adds up to, in place of what was kept; its month is open again."""
        ordinal = day.toordinal()
        with self._using() as connection:
            new = self._new(counted, ordinal)
            numbers = self._numbers | new
            by_number = {numbers[name]: one for name, one in counted.items()}
            sums = table({n: packed(one.sums) for n, one in by_number.items()}, COUNT)
            heat = table({n: packed(one.heat) for n, one in by_number.items()}, DAY_LANES)
            with connection as db:
                self._begin(db, new, ordinal)
                db.execute("INSERT OR REPLACE INTO day VALUES (?, ?, ?)", (ordinal, sums, heat))
                db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (ordinal, mark))
                db.execute("DELETE FROM month WHERE id = ?", (month_id(month_of(day)),))
            for name, place in new.items():  # only now: what was not committed has no place
                self._know(place, name, ordinal)
        self.version += 1

    def close_month(self, month: Month) -> None:
        """Add up a month whose days are all counted: questions then read one row of it."""
        sums, by_weekday = self._days(Period(month.first, month.last))
        every = sorted(self._names)
        weeks = dict.fromkeys(every, 0)
        for weekday_, hours in enumerate(by_weekday):
            for station, row in zip(every, rows(hours, DAY_LANES, every), strict=True):
                weeks[station] += in_week(row, weekday_)
        heat = table({n: blob(week, HEAT_LANES) for n, week in weeks.items()}, HEAT_LANES)
        values = (month_id(month), blob(sums, COUNT * len(every)), heat)
        with self._using() as connection, connection as db:
            db.execute("INSERT OR REPLACE INTO month VALUES (?, ?, ?)", values)

    def has_month(self, month: Month) -> bool:
        """Whether it is added up."""
        return bool(self._rows("SELECT 1 FROM month WHERE id = ?", (month_id(month),)))

    def added(self, stations: Collection[str], period: Period) -> Added:
        """What these stations' days add up to. Days that are not counted are not in it."""
        months, days = period.parts()
        loose, wanted = _runs(days), self._wanted(stations)
        by_month, sums, weeks = dict[Month, int](), 0, 0
        for month in months:
            for more, hours in self._month(month):
                by_month[month] = whole(more, COUNT, wanted)
                sums, weeks = sums + more, weeks + hours
            if month not in by_month:
                loose.append(Period(month.first, month.last))
        heat = whole(weeks, HEAT_LANES, wanted)
        for part in loose:
            more, by_weekday = self._days(part)
            by_month[month_of(part.first)] = whole(more, COUNT, wanted)
            sums += more
            heat += sum(
                in_week(whole(hours, DAY_LANES, wanted), day)
                for day, hours in enumerate(by_weekday)
            )
        totals = zip(wanted, rows(sums, COUNT, wanted), strict=True)
        by_station = {self._names[station]: total for station, total in totals if total}
        return Added(by_station, dict(sorted(by_month.items())), heat)

    def by_day(self, stations: Collection[str], period: Period) -> dict[date, int]:
        """What these stations add up to, day by day."""
        wanted = self._wanted(stations)
        if len(wanted) == 1:
            return self._days_of(wanted[0], period)
        found = self._rows(f"SELECT id, sums FROM day {_SPAN} ORDER BY id", _ids(period))  # noqa: S608
        totals = {date.fromordinal(day): whole(number(sums), COUNT, wanted) for day, sums in found}
        return {day: total for day, total in totals.items() if total}

    def _days_of(self, station: int, period: Period) -> dict[date, int]:
        at, size = station * COUNT * 8 + 1, COUNT * 8
        query = f"SELECT id, substr(sums, ?, ?) FROM day {_SPAN} ORDER BY id"  # noqa: S608
        found = self._rows(query, (at, size, *_ids(period)))
        return {date.fromordinal(day): number(sums) for day, sums in found if any(sums or ())}

    def _month(self, month: Month) -> list[tuple[int, int]]:
        """All stations' sums and hours of the week; empty where it is not closed."""
        found = self._rows("SELECT sums, heat FROM month WHERE id = ?", (month_id(month),))
        return [(number(sums), number(heat)) for sums, heat in found]

    def _days(self, period: Period) -> tuple[int, list[int]]:
        """All stations' sums, and their hours by weekday."""
        sums, by_weekday = 0, [0] * 7
        found = self._rows(f"SELECT id, sums, heat FROM day {_SPAN}", _ids(period))  # noqa: S608
        for day, some, hours in found:
            sums += number(some)
            by_weekday[weekday(day)] += number(hours)
        return sums, by_weekday

    def _rows(self, query: str, values: Sequence[int] = ()) -> list[Any]:
        with self._using() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self.is_damaged = True
                raise FiguresAway(
                    f"{self._path} is damaged; it is made again within minutes"
                ) from error

    def _wanted(self, stations: Collection[str]) -> list[int]:
        return sorted(self._numbers[name] for name in stations if name in self._numbers)

    def _new(self, counted: Iterable[str], ordinal: int) -> dict[str, int]:
        """Numbers of stations that were not known on this day: new ones, and those known later."""
        news = [name for name in sorted(counted) if ordinal < self._first.get(name, ordinal + 1)]
        free = itertools.count(max(self._names, default=-1) + 1)
        return {name: self._numbers[name] if name in self._numbers else next(free) for name in news}

    def _begin(self, db: sqlite3.Connection, new: Mapping[str, int], ordinal: int) -> None:
        for name, place in new.items():
            if name in self._first:  # the days between were counted without this station
                between = (ordinal, self._first[name])
                db.execute("DELETE FROM seen WHERE day > ? AND day < ?", between)
            db.execute("INSERT OR REPLACE INTO station VALUES (?, ?, ?)", (place, name, ordinal))

    def _open(self) -> None:
        self._connection = opened(self._path, self._zone)
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._first: dict[str, int] = {}
        for station, name, first in self._connection.execute("SELECT id, name, first FROM station"):
            self._know(station, name, first)

    def _know(self, station: int, name: str, first: int) -> None:
        self._numbers[name], self._names[station], self._first[name] = station, name, first


def _ids(period: Period) -> tuple[int, int]:
    return period.first.toordinal(), period.last.toordinal() + 1


def _runs(days: Sequence[date]) -> list[Period]:
    """Days as few periods as possible, each within a month."""
    found: list[Period] = []
    for day in days:
        if found and found[-1].last + DAY == day and day.day > 1:
            found[-1] = Period(found[-1].first, day)
        else:
            found.append(Period(day, day))
    return found
