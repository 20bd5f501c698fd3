"""Reads and writes the file of what supplies add up to. For `supplies_sums` and the taking in.

Up to any moment: the sums of the last week that is closed, and the days since.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from warmstation_server.usage.supplied import Movements, Pieces, Thing
from warmstation_server.usage.supplies_file import ADDED, COLUMNS, HOLES, TABLES

WEEK = 7
_WEEK = f"SELECT thing, place, {COLUMNS} FROM week"  # noqa: S608 - our own words
_DAYS = f"SELECT thing, place, {COLUMNS} FROM day"  # noqa: S608
_SOME = " AND place IN (SELECT value FROM json_each(?))"


class SuppliesTables:
    """One thread at a time; `writing` and `reading` are one transaction each."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._numbers: dict[Thing, int] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing; other processes wait."""
        self._numbers = {}  # they may have made it anew
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One view, whatever other processes write."""
        with self._transaction("BEGIN"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._db.execute(begin)
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # a damaged file may have ended it already
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def places(self, stations: Collection[str]) -> str | None:
        """How `before` is told of these stations; None = all that have a ledger."""
        known: dict[str, int] = dict(self._rows("SELECT name, id FROM place"))
        wanted = [known[name] for name in known.keys() & set(stations)]
        return None if len(wanted) == len(known) else json.dumps(sorted(wanted))

    def before(self, day: int, places: str | None) -> dict[Thing, Pieces]:
        """All that was before a day begins."""
        ((monday,),) = self._rows("SELECT MAX(day) FROM weeks WHERE day <= ?", (day,))
        found = self._added("week", "day = ?", (monday,), places) if monday is not None else {}
        days = self._added("day", "day >= ? AND day < ?", (monday or 0, day), places)
        for thing, more in days.items():
            found[thing] = found.get(thing, Pieces()).plus(more)
        names = self._things()
        return {names[thing]: pieces for thing, pieces in found.items()}

    def early(self, first: int, end: int, places: str | None) -> dict[Thing, int]:
        """Thrown away in these days before their last one, which is over at the end."""
        query = "SELECT thing, SUM(pieces) FROM early WHERE day >= ? AND day < ? AND expires_on < ?"
        query, values = _of(query, (first, end, end), places)
        found = self._rows(f"{query} GROUP BY thing", values)
        names = self._things()
        return {names[thing]: pieces for thing, pieces in found}

    def newest(self) -> dict[int, str]:
        """The last lines that were taken in, by number, with their marks."""
        return dict(self._rows("SELECT number, mark FROM newest"))

    def lines(self) -> int:
        """How many lines were taken in."""
        ((lines,),) = self._rows("SELECT lines FROM meta")
        return int(lines)

    def remember(self, newest: Mapping[int, str], lines: int) -> None:
        """Say what was taken in."""
        self._db.execute("DELETE FROM newest")
        self._db.executemany("INSERT INTO newest VALUES (?, ?)", newest.items())
        self._db.execute("UPDATE meta SET lines = ?", (lines,))

    def forget(self) -> None:
        """Everything but the zone."""
        for name in TABLES.keys() - {"meta"}:
            self._db.execute(f"DELETE FROM {name}")  # noqa: S608 - our own words
        self.remember({}, 0)

    def put(self, station: str, moved: Movements, first: date) -> int:
        """What a station's ledger says from this day on, in place of what was kept; its place."""
        place, since = self._place(station), first.toordinal()
        for name in ("day", "early"):
            self._db.execute(f"DELETE FROM {name} WHERE place = ? AND day >= ?", (place, since))  # noqa: S608
        self._db.executemany(
            f"INSERT INTO day VALUES (?, ?, ?, {HOLES})",  # noqa: S608
            (
                (day.toordinal(), self._thing(thing), place, *pieces)
                for (day, thing), pieces in moved.days.items()
                if day >= first
            ),
        )
        self._db.executemany(
            "INSERT INTO early VALUES (?, ?, ?, ?, ?)",
            (
                (one.day.toordinal(), self._thing(one.thing), place,
                 one.expires_on.toordinal(), one.pieces)
                for one in moved.early
                if one.day >= first
            ),
        )  # fmt: skip
        return place

    def add_up_again(self, places: Iterable[int], first: date) -> None:
        """The weeks that are closed, from this day on, for these places."""
        wanted = json.dumps(sorted(places))
        for (monday,) in self._rows(
            "SELECT day FROM weeks WHERE day > ? ORDER BY day", (first.toordinal(),)
        ):
            self._db.execute(*_of("DELETE FROM week WHERE day = ?", (monday,), wanted))
            self._add_up(monday, wanted)

    def close_weeks(self, last: date, pause: Callable[[], bool] = bool) -> None:
        """Add up every week until the one of this day; InterruptedError where a pause says so."""
        ((closed,),) = self._rows("SELECT MAX(day) FROM weeks")
        ((began,),) = self._rows("SELECT MIN(day) FROM day")
        if closed is None and began is None:
            return
        first = _monday(began) if closed is None else closed
        for monday in range(first + WEEK, _monday(last.toordinal()) + 1, WEEK):
            if pause():
                raise InterruptedError
            self._add_up(monday, None)
            self._db.execute("INSERT INTO weeks VALUES (?)", (monday,))

    def _add_up(self, monday: int, places: str | None) -> None:
        """The Monday before and the days since; all days where there is none before."""
        ((before,),) = self._rows("SELECT MAX(day) FROM weeks WHERE day < ?", (monday,))
        week, values = _of(f"{_WEEK} WHERE day = ?", (before,), places)
        days, more = _of(f"{_DAYS} WHERE day >= ? AND day < ?", (before or 0, monday), places)
        self._db.execute(
            f"INSERT INTO week SELECT {monday}, thing, place, {ADDED}"  # noqa: S608
            f" FROM ({week} UNION ALL {days}) GROUP BY thing, place",
            (*values, *more),
        )

    def _added(
        self, table: str, where: str, values: tuple[Any, ...], places: str | None
    ) -> dict[int, Pieces]:
        query, all_values = _of(f"SELECT thing, {ADDED} FROM {table} WHERE {where}", values, places)  # noqa: S608
        rows = self._rows(f"{query} GROUP BY thing", all_values)
        return {thing: Pieces(*sums) for thing, *sums in rows}

    def _things(self) -> dict[int, Thing]:
        return {key: (kind, name) for key, kind, name in self._rows("SELECT * FROM thing")}

    def _place(self, station: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO place (name) VALUES (?)", (station,))
        ((place,),) = self._rows("SELECT id FROM place WHERE name = ?", (station,))
        return int(place)

    def _thing(self, thing: Thing) -> int:
        if thing not in self._numbers:
            self._db.execute("INSERT OR IGNORE INTO thing (kind, name) VALUES (?, ?)", thing)
            query = "SELECT id FROM thing WHERE kind = ? AND name = ?"
            ((self._numbers[thing],),) = self._rows(query, thing)
        return self._numbers[thing]

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._db.execute(query, values).fetchall()


def _of(query: str, values: tuple[Any, ...], places: str | None) -> tuple[str, tuple[Any, ...]]:
    return (query, values) if places is None else (query + _SOME, (*values, places))


def _monday(day: int) -> int:
    """Of its week; ordinal 1 was a Monday."""
    return day - (day - 1) % WEEK
