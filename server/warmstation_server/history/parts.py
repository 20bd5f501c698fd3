"""Taking in a whole history at once: what another file keeps, with the numbers of this one.

A made-up past is written by several processes, a file each, and so is what one server hands over
to another. Chunks are moved as they lie, so a report costs a hundredth of being stored anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from warmstation_server.history import chunks, usage_tables
from warmstation_server.history.book import Book, Station
from warmstation_server.history.codec import HEADER, Shape
from warmstation_server.history.columns import renumbered
from warmstation_server.history.errors import HistoryBroken
from warmstation_server.history.runs import from_text
from warmstation_server.history.schema import check, connect, plain_errors, sound

_TEXTS = "SELECT id, text FROM text WHERE kind = ? ORDER BY id"
_numbers = Struct("=3q")
Numbers = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Renumbered:
    """What the part's shapes, stations and streams are called here."""

    shapes: Numbers
    stations: Numbers
    streams: Numbers

    def row(self, row: bytes) -> bytes:
        """A packed row with the numbers of this history."""
        shape, station, stream = _numbers.unpack_from(row)
        head = _numbers.pack(self.shapes[shape], self.stations[station], self.streams[stream])
        return head + row[_numbers.size :]

    def columns(self, blob: bytes, count: int) -> bytes:
        """A chunk's columns with the numbers of this history."""
        return renumbered(blob, count, (self.shapes, self.stations, self.streams))


@dataclass(frozen=True, slots=True)
class Taken:
    """How many reports came, and the stations whose latest report is among them."""

    reports: int
    latest: Sequence[tuple[Station, tuple[int, int], bytes]]

    def show(self) -> None:
        """Let the book see it, once it is committed."""
        for station, rank, row in self.latest:
            station.latest_rank, station.latest = rank, row


def take_in(writer: sqlite3.Connection, book: Book, path: Path) -> Taken:
    """Copy the tables of a part that is attached (inside a transaction).

    Every row of this history must be rolled, for the part's come behind the journal's numbers.
    """
    with closing(connect(path)) as part, plain_errors(path), sound():
        check(part, path)
        _refuse_unsettled(writer, part, path)
        numbers = _numbered(part, book, path)
        writer.executemany("INSERT INTO text VALUES (?, ?, ?)", book.unsaved)
        reports = _take_chunks(writer, part, numbers)
        usage_tables.take(writer, numbers.stations)
        _take_runs(writer, part, book, numbers.streams)
        return Taken(reports, _take_latest(writer, part, book, numbers))


def _refuse_unsettled(writer: sqlite3.Connection, part: sqlite3.Connection, path: Path) -> None:
    if part.execute("SELECT count(*) FROM journal").fetchone() != (0,):
        raise HistoryBroken(f"{path} has reports in its journal: settle it first.")
    zone = "SELECT value FROM meta WHERE key = 'zone'"
    if part.execute(zone).fetchone() != writer.execute(zone).fetchone():
        raise HistoryBroken(f"{path} adds up its days in another time zone.")


def _numbered(part: sqlite3.Connection, book: Book, path: Path) -> Renumbered:
    shapes, stations, streams = {}, {}, {}
    for number, text in part.execute(_TEXTS, ("shape",)):
        shapes[number] = book.shape_number(Shape.from_dict(json.loads(text)))
    for number, text in part.execute(_TEXTS, ("station",)):
        stations[number] = book.station(text).number
    for number, text in part.execute(_TEXTS, ("stream",)):
        station, name = text.split()
        here = book.by_number[stations[int(station)]]
        if name in here.streams:
            raise HistoryBroken(f"The stream {name} of {here.name} in {path} is here already.")
        streams[number] = book.stream(here, name).number
    return Renumbered(shapes, stations, streams)


def _take_chunks(writer: sqlite3.Connection, part: sqlite3.Connection, numbers: Renumbered) -> int:
    found = part.execute("SELECT id, shape, count, first_us, last_us, columns FROM chunk")
    reports = 0
    for place, shape, count, first_us, last_us, blob in found:
        there = chunks.moved(place, numbers.stations)
        columns = numbers.columns(blob, count)
        chunks.put(writer, there, numbers.shapes[shape], (count, first_us, last_us, columns))
        reports += count
    return reports


@contextmanager
def attached(writer: sqlite3.Connection, path: Path) -> Iterator[None]:
    """The part beside this history, so that its usage need not pass through our hands."""
    writer.execute("ATTACH ? AS part", (str(path),))
    try:
        yield
    finally:
        writer.execute("DETACH part")


def _take_runs(
    writer: sqlite3.Connection, part: sqlite3.Connection, book: Book, streams: Numbers
) -> None:
    rows = part.execute("SELECT stream, first, last, state FROM run ORDER BY 1, 2")
    here: list[Sequence[object]] = []
    for stream, first, last, state in rows:
        book.streams[streams[stream]][2].runs.append(from_text(first, last, state))
        here.append((streams[stream], first, last, state))
    writer.executemany("INSERT INTO run VALUES (?, ?, ?, ?)", here)


def _take_latest(
    writer: sqlite3.Connection, part: sqlite3.Connection, book: Book, numbers: Renumbered
) -> list[tuple[Station, tuple[int, int], bytes]]:
    found = []
    for number, latest in part.execute("SELECT id, latest FROM station"):
        station, row = book.by_number[numbers.stations[number]], numbers.row(latest)
        words = memoryview(row)[: 8 * len(HEADER)].cast("q")
        rank = words[2], words[3]
        if rank <= station.latest_rank:
            continue
        found.append((station, rank, row))
        writer.execute(
            "INSERT INTO station VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " latest = excluded.latest",
            (station.number, book.next_number - 1, row),
        )
    return found
