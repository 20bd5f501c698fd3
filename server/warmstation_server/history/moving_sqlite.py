"""A station's whole past out of the embedded history's tables, and into them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from warmstation_server.history import Received, chunks, usage_tables
from warmstation_server.history.book import Book, Station
from warmstation_server.history.codec import flatten, microseconds
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.moving import EVER, STEPS, Past
from warmstation_server.history.runs import to_text
from warmstation_server.history.schema import plain_errors
from warmstation_server.history.unflat import unflatten
from warmstation_server.history.usage import Buckets

_AT_ONCE = 20
"""Stations whose usage is read in one sweep over its tables."""
_ROWS_AT_ONCE = 5_000
_CHUNKS_OF = "(id >> 20) & ((1 << 21) - 1) = ?"
"""A chunk's station is in its id; see chunks."""


def snapshot(source: Path, target: Path) -> None:
    """The file as it is now, while a server writes to it; HistoryAway if there is none."""
    if not source.exists():
        raise HistoryAway(f"There is no history {source}.")
    with (
        plain_errors(source),
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as here,
        closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there)


def pasts(connection: sqlite3.Connection, book: Book) -> Iterator[Past]:
    """Every station of a settled history."""
    for start in range(0, len(book.by_number), _AT_ONCE):
        some = book.by_number[start : start + _AT_ONCE]
        span = microseconds(EVER[0]) // 1000, microseconds(EVER[1]) // 1000
        numbers = [station.number for station in some]
        # No lookups by start: all starts are asked for.
        found = {
            step: usage_tables.of_stations(connection, numbers, len(numbers) + 1, *span, step)
            for step in STEPS
        }
        for station in some:
            if station.latest:
                usage: dict[str, Buckets] = {
                    step: by_station.get(station.number, {}) for step, by_station in found.items()
                }
                streams = [(name, tuple(one.runs)) for name, one in station.streams.items()]
                yield Past(station.name, streams, _latest(book, station), usage)  # type: ignore[arg-type]


def adopt(
    connection: sqlite3.Connection, book: Book, past: Past, reports: Iterable[Received]
) -> Station:
    """Put a station in the place of what is stored of it (inside a transaction)."""
    station = book.station(past.station)
    _drop(connection, station)
    for name, runs in past.streams:
        stream = book.stream(station, name)
        stream.runs = list(runs)
        connection.executemany(
            "INSERT INTO run VALUES (?, ?, ?, ?)",
            [(stream.number, run.first, run.last, to_text(run)) for run in runs],
        )
    coming = iter(reports)
    while rows := [_row(book, station, one) for one in islice(coming, _ROWS_AT_ONCE)]:
        chunks.insert(connection, rows)
    for step in STEPS:
        sheet = past.usage[step].items()
        usage_tables.put(connection, step, ((at, station.number, *sums) for at, sums in sheet))
    station.latest = _row(book, station, past.latest)
    report = past.latest.report
    station.latest_rank = station.streams[report.stream].number, report.seq
    connection.execute(
        "INSERT OR REPLACE INTO station VALUES (?, ?, ?)",
        (station.number, book.next_number - 1, station.latest),
    )
    connection.executemany("INSERT INTO text VALUES (?, ?, ?)", book.unsaved)
    return station


def _drop(connection: sqlite3.Connection, station: Station) -> None:
    for step in STEPS:
        connection.execute(
            f"DELETE FROM usage_{step} WHERE station = ?",  # noqa: S608 - our own words
            (station.number,),
        )
    connection.execute(f"DELETE FROM chunk WHERE {_CHUNKS_OF}", (station.number,))  # noqa: S608
    for stream in station.streams.values():
        connection.execute("DELETE FROM run WHERE stream = ?", (stream.number,))


def _row(book: Book, station: Station, one: Received) -> bytes:
    report = one.report
    texts, values = flatten(report, one.district)
    number, form = book.shape(texts)
    return form.row.pack(
        number,
        station.number,
        book.stream(station, report.stream).number,
        report.seq,
        microseconds(report.measured_at),
        microseconds(one.received_at),
        *values,
    )


def _latest(book: Book, station: Station) -> Received:
    row = station.latest or b""
    form = book.shapes[memoryview(row)[:8].cast("q")[0]]
    values = form.row.unpack(row)
    return unflatten(form, station.name, book.streams[values[2]][1], values)
