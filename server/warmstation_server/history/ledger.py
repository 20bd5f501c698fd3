"""Moving rows from journal to chunks, and the book back from disk. For SqliteHistory only."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Sequence

from warmstation_server.history import chunks, usage_tables
from warmstation_server.history.book import Book, Station
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.codec import HEADER, Shape
from warmstation_server.history.errors import HistoryBroken
from warmstation_server.history.runs import from_text, to_text
from warmstation_server.history.schema import sound

MIN_UNROLLED = 20_000
UNROLLED_PER_STATION = 48
"""So many rows wait in the journal: more make better chunks, fewer make a faster start."""


_LINE = "forgotten_before_us"


def due(book: Book, coming: int) -> list[Station]:
    """The stations that have waited longest, so many that the journal does not grow."""
    room = max(MIN_UNROLLED, UNROLLED_PER_STATION * len(book.by_number))
    excess = book.unrolled + coming - room
    chosen = []
    for station in book.queue:
        if excess <= 0:
            break
        chosen.append(station)
        excess -= station.unrolled
    return chosen


def roll(
    connection: sqlite3.Connection, calendar: Calendar, book: Book, stations: Sequence[Station]
) -> None:
    """Write the stations' rows, usage and runs where they stay (inside a transaction)."""
    for station in stations:
        chunks.insert(connection, station.kept)
        _write_runs(connection, station)
    usage_tables.add(connection, calendar, [(s.number, s.buckets) for s in stations])
    connection.executemany(
        "INSERT INTO station VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " rolled_to = excluded.rolled_to, latest = excluded.latest",
        [(s.number, book.next_number - 1, s.latest) for s in stations],
    )


def rolled(book: Book, stations: Sequence[Station]) -> None:
    """Let go of what `roll` wrote, once that is committed."""
    for station in stations:
        book.queue.popleft()
        book.unrolled -= station.unrolled
        station.kept, station.buckets = [], {}
        station.first_number, station.unrolled = None, 0
        for stream in station.streams.values():
            stream.changed.clear()


def write_journal(connection: sqlite3.Connection, book: Book, rows: Iterable[bytes]) -> int:
    """Write a batch (inside a transaction); its size in bytes."""
    connection.executemany("INSERT INTO text VALUES (?, ?, ?)", book.unsaved)
    entry = b"".join(rows)
    connection.execute(
        "INSERT INTO journal VALUES (?, ?, ?)", (book.next_number, zlib.crc32(entry), entry)
    )
    return len(entry)


def cut_journal(connection: sqlite3.Connection, book: Book, gone: int) -> None:
    """Drop the batches of which every row is rolled, after the first `gone` of the queue are."""
    waiting = book.queue[gone] if gone < len(book.queue) else None
    first = waiting.first_number if waiting else book.next_number
    connection.execute(
        "DELETE FROM journal WHERE id < (SELECT max(id) FROM journal WHERE id <= ?)", (first,)
    )


def empty_journal(connection: sqlite3.Connection) -> None:
    """Drop all batches: every row is rolled, and none is on its way in."""
    connection.execute("DELETE FROM journal")


def write_line(connection: sqlite3.Connection, before_us: int) -> None:
    """Remember up to where reports are forgotten (inside a transaction)."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_LINE, str(before_us)))


def load(connection: sqlite3.Connection, book: Book) -> None:
    """Fill an empty book from the tables and the journal."""
    with sound():
        _load(connection, book)


def _load(connection: sqlite3.Connection, book: Book) -> None:
    texts = "SELECT text FROM text WHERE kind = ? ORDER BY id"
    for (text,) in connection.execute(texts, ("shape",)):
        book.add_shape(Shape.from_dict(json.loads(text)))
    for (text,) in connection.execute(texts, ("station",)):
        book.add_station(text)
    for (text,) in connection.execute(texts, ("stream",)):
        number, name = text.split()
        book.add_stream(book.by_number[int(number)], name)
    line = connection.execute("SELECT value FROM meta WHERE key = ?", (_LINE,)).fetchone()
    if line:
        book.forgotten_before_us = int(line[0])
    rolled_to = _load_stations(connection, book)
    for stream, first, last, state in connection.execute("SELECT * FROM run ORDER BY 1, 2"):
        book.streams[stream][2].runs.append(from_text(first, last, state))
    _replay(connection, book, rolled_to)


def _load_stations(connection: sqlite3.Connection, book: Book) -> dict[int, int]:
    rolled_to: dict[int, int] = {}
    for number, rolled_number, latest in connection.execute("SELECT * FROM station"):
        rolled_to[number] = rolled_number
        station = book.by_number[number]
        station.latest = latest
        words = memoryview(latest)[: 8 * len(HEADER)].cast("q")
        station.latest_rank = words[2], words[3]
    return rolled_to


def _replay(connection: sqlite3.Connection, book: Book, rolled_to: dict[int, int]) -> None:
    for number, crc, rows in connection.execute("SELECT id, crc, rows FROM journal ORDER BY id"):
        if zlib.crc32(rows) != crc:
            raise HistoryBroken(f"Entry {number} of the history's journal is damaged.")
        book.next_number = number
        for item in book.read(rows):
            if book.next_number <= rolled_to.get(item.station.number, 0):
                book.next_number += 1
            else:
                book.take(item)
    book.next_number = max(book.next_number, 1 + max(rolled_to.values(), default=0))


def _write_runs(connection: sqlite3.Connection, station: Station) -> None:
    for stream in station.streams.values():
        if not stream.changed:
            continue
        gone = [(stream.number, first) for first, run in stream.changed.items() if run is None]
        here = [
            (stream.number, run.first, run.last, to_text(run))
            for run in stream.changed.values()
            if run is not None
        ]
        connection.executemany("DELETE FROM run WHERE stream = ? AND first = ?", gone)
        connection.executemany("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?)", here)
