"""Chunks: a station's rows of one day and one shape, compressed together.

The id of a chunk is its place: day (since year 1), station, ordinal. So a station's day lies
together in the file, a day goes in one sweep, and no index has to be kept.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from struct import Struct
from typing import NamedTuple

from warmstation_server.history.codec import HEADER
from warmstation_server.history.columns import packed, unpacked

MAX_ROWS = 240
DAY_US = 86_400_000_000
_STATION_BITS, _ORDINAL_BITS = 21, 20
_DAYS_BEFORE_1970 = 719_163
_INSERT = (
    "INSERT INTO chunk SELECT coalesce(max(id) + 1, :place), :shape, :count, :first_us, :last_us,"
    " :columns FROM chunk WHERE id >= :place AND id < :end"
)
_head = Struct(f"={len(HEADER)}q")
_MEASURED = HEADER.index("measured_us")
_TORN = 100
"""To shorten a chunk takes as long as to drop so many."""


class Chunk(NamedTuple):
    """Rows of one shape as columns (HEADER, then values)."""

    shape: int
    columns: list[Sequence[float]]


def measured_us(row: bytes) -> int:
    """When a packed row was measured."""
    return int(_head.unpack_from(row)[_MEASURED])


def insert(connection: sqlite3.Connection, rows: Iterable[bytes]) -> None:
    """Write a station's rows as chunks."""
    groups: defaultdict[tuple[int, int], list[tuple[int, int, bytes]]] = defaultdict(list)
    station = 0
    for row in rows:
        shape, station, _, seq, at_us, _ = _head.unpack_from(row)
        groups[at_us // DAY_US, shape].append((at_us, seq, row))
    for (days, shape), found in groups.items():
        found.sort()
        day = _day(days * DAY_US)
        for i in range(0, len(found), MAX_ROWS):
            part = found[i : i + MAX_ROWS]
            columns = packed([row for _, _, row in part])
            whole = len(part), part[0][0], part[-1][0], columns
            put(connection, _place(day, station), shape, whole)


def put(
    connection: sqlite3.Connection, place: int, shape: int, chunk: tuple[int, int, int, bytes]
) -> None:
    """Write one chunk behind those of its place; `chunk` is count, first_us, last_us, columns."""
    names = ("count", "first_us", "last_us", "columns")
    values = dict(zip(names, chunk, strict=True))
    end = place + (1 << _ORDINAL_BITS)
    connection.execute(_INSERT, {"place": place, "end": end, "shape": shape, **values})


def moved(place: int, stations: Mapping[int, int]) -> int:
    """The place of a chunk once its station has another number; the ordinal is given anew."""
    day, station = divmod(place >> _ORDINAL_BITS, 1 << _STATION_BITS)
    return _place(day, stations[station])


def of_station(
    connection: sqlite3.Connection,
    station: int,
    start_us: int,
    end_us: int,
    columns_of: Callable[[int], int],
) -> Iterator[Chunk]:
    """A station's chunks that have rows measured in start..end (and others beside them).

    `columns_of` a shape says how many columns the asker needs.
    """
    for day in days(connection, start_us, end_us):
        place = _place(day, station)
        found = connection.execute(
            "SELECT shape, count, columns FROM chunk WHERE id >= ? AND id < ?"
            " AND last_us >= ? AND first_us < ?",
            (place, place + (1 << _ORDINAL_BITS), start_us, end_us),
        )
        for shape, count, columns in found:
            yield Chunk(shape, unpacked(columns, count, columns_of(shape)))


def days(connection: sqlite3.Connection, start_us: int, end_us: int) -> Iterator[int]:
    """Days within start..end that have chunks of any station."""
    day = _day(start_us)
    while True:
        (found,) = connection.execute(
            "SELECT min(id) FROM chunk WHERE id >= ?", (_place(day, 0),)
        ).fetchone()
        if found is None:
            return
        day = found >> (_STATION_BITS + _ORDINAL_BITS)
        if _start_us(day) >= end_us:
            return
        yield day
        day += 1


def day_starts(connection: sqlite3.Connection, start_us: int, end_us: int) -> Iterator[int]:
    """When the days of `days` begin, us since 1970."""
    return (_start_us(day) for day in days(connection, start_us, end_us))


class Some(NamedTuple):
    """Chunks that were looked at: reports that are gone, what it cost, bytes; where to go on."""

    reports: int
    work: int
    bytes: int
    next_place: int


def places(day: int) -> tuple[int, int]:
    """Where the chunks of a day begin and end."""
    return _place(day, 0), _place(day + 1, 0)


def forget_some(
    connection: sqlite3.Connection, within: tuple[int, int], before_us: int, most: int
) -> Some:
    """Drop rows measured before a moment from the first chunks there, for `most` of work."""
    found = connection.execute(
        "SELECT id, shape, count, first_us, last_us, length(columns) FROM chunk"
        " WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (*within, most),
    ).fetchall()
    gone = work = size = 0
    old: list[tuple[int]] = []
    for place, shape, count, first_us, last_us, length in found:
        work += 1
        if last_us < before_us:
            old.append((place,))
            gone, size = gone + count, size + length
        elif first_us < before_us:
            gone += _shorten(connection, place, shape, count, before_us)
            work, size = work + _TORN, size + length
        if work >= most:
            break
    connection.executemany("DELETE FROM chunk WHERE id = ?", old)
    return Some(gone, work, size, place + 1 if work >= most else within[1])


def _shorten(
    connection: sqlite3.Connection, place: int, shape: int, count: int, before_us: int
) -> int:
    (pressed,) = connection.execute("SELECT columns FROM chunk WHERE id = ?", (place,)).fetchone()
    columns = unpacked(pressed, count)
    row = Struct(f"={len(HEADER)}q{len(columns) - len(HEADER)}d")
    rows = list(zip(*columns, strict=True))
    kept = [values for values in rows if values[_MEASURED] >= before_us]
    connection.execute(
        "UPDATE chunk SET count = ?, first_us = ?, columns = ? WHERE id = ?",
        (len(kept), kept[0][_MEASURED], packed([row.pack(*v) for v in kept]), place),
    )
    return len(rows) - len(kept)


def _place(day: int, station: int) -> int:
    return ((day << _STATION_BITS) | station) << _ORDINAL_BITS


def _day(at_us: int) -> int:
    return max(0, at_us // DAY_US + _DAYS_BEFORE_1970)


def _start_us(day: int) -> int:
    return (day - _DAYS_BEFORE_1970) * DAY_US
