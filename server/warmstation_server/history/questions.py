"""What readers ask the embedded history: the tables and what is not rolled yet, put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from warmstation_server.history import Point, Received, Step, Usage, chunks, usage_tables
from warmstation_server.history.book import Book, Station
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.chunks import DAY_US, Chunk
from warmstation_server.history.codec import HEADER, microseconds
from warmstation_server.history.points import LOOKBACK, Sample, columns_charted, points, samples
from warmstation_server.history.readers import Readers
from warmstation_server.history.retention import asked_from, keeps
from warmstation_server.history.runs import Ends, add_open_ends, open_ends
from warmstation_server.history.schema import sound
from warmstation_server.history.unflat import unflatten
from warmstation_server.history.usage import Buckets, bucket, listed, merge

_SHAPE, _STREAM, _SEQ, _MEASURED = (
    HEADER.index(name) for name in ("shape", "stream", "seq", "measured_us")
)


class _Waiting(NamedTuple):
    """What the tables do not have of a station: copied while the writer waits, added up later."""

    number: int
    quarters: Buckets
    ends: Ends


def _waiting(station: Station) -> _Waiting:
    quarters = {at: sums.copy() for at, sums in station.buckets.items()}
    return _Waiting(station.number, quarters, open_ends(station.streams.values()))


class Questions:
    """Answers from one consistent view each; any thread may ask."""

    def __init__(self, book: Book, calendar: Calendar, readers: Readers) -> None:
        self._book, self._calendar, self._readers = book, calendar, readers

    def latest(self) -> Iterator[Received]:
        """See History."""
        with self._readers.lock:
            rows = [station.latest for station in self._book.by_number if station.latest]
        return (self._received(self._unpacked(row)) for row in rows)

    def series(
        self, station: str, start: datetime, end: datetime, window: timedelta | None
    ) -> list[Point]:
        """See History."""
        line_us = self._book.forgotten_before_us
        start_us = asked_from(microseconds(start - LOOKBACK), line_us)
        found: list[Sample] = []
        for chunk in self._chunks(station, start_us, microseconds(end), self._charted):
            found += samples(self._book.shapes[chunk.shape], chunk.columns)
        return points(
            [s for s in found if s.at_us >= start_us and keeps(s.at_us, line_us)],
            start,
            end,
            window,
        )

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        """See History."""
        line_us = self._book.forgotten_before_us
        at_us = asked_from(microseconds(start), line_us)
        end_us = microseconds(end)
        while at_us < end_us:
            at_us = self._next_measured(station, at_us, end_us)
            stop_us = min(end_us, at_us - at_us % DAY_US + DAY_US)
            rows = [
                row
                for chunk in self._chunks(station, at_us, stop_us, self._all_columns)
                for row in zip(*chunk.columns, strict=True)
                if at_us <= row[_MEASURED] < stop_us and keeps(row[_MEASURED], line_us)
            ]
            rows.sort(key=lambda row: (row[_MEASURED], row[_SEQ], row[_STREAM]))
            yield from map(self._received, rows)
            at_us = stop_us

    def usage(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> dict[str, list[Usage]]:
        """See History."""
        asked = self._asked(stations)
        span = microseconds(start) // 1000, microseconds(end) // 1000
        with self._readers.view(lambda: list(map(_waiting, asked))) as (db, waiting):
            numbers = [station.number for station in asked]
            known = usage_tables.of_stations(db, numbers, len(self._book.by_number), *span, step)
        for number, buckets in self._unrolled(waiting, *span, step).items():
            stored = known.setdefault(number, {})
            for at, sums in buckets.items():
                merge(bucket(stored, at), sums)
        answer = {s.name: listed(known.get(s.number, {})) for s in asked}
        return {name: rows for name, rows in answer.items() if rows}

    def total(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> list[Usage]:
        """See History."""
        asked = self._asked(stations)
        span = microseconds(start) // 1000, microseconds(end) // 1000
        with self._readers.view(lambda: list(map(_waiting, asked))) as (db, waiting):
            numbers = [station.number for station in asked]
            known = usage_tables.total(db, numbers, len(self._book.by_number), *span, step)
        for buckets in self._unrolled(waiting, *span, step).values():
            for at, sums in buckets.items():
                merge(bucket(known, at), sums)
        return listed(known)

    def _asked(self, stations: Collection[str]) -> list[Station]:
        known = self._book.stations
        return [known[name] for name in dict.fromkeys(stations) if name in known]

    def _unrolled(
        self, waiting: list[_Waiting], start_ms: int, end_ms: int, step: Step
    ) -> dict[int, Buckets]:
        """Usage that is not in the tables: of rows not rolled, and of each stream's last report."""
        result: dict[int, Buckets] = {}
        for number, quarters, ends in waiting:
            add_open_ends(quarters, ends)
            found = result[number] = {}
            for quarter, sums in quarters.items():
                at = self._calendar.start(quarter, step)
                if start_ms <= at < end_ms:
                    merge(bucket(found, at), sums)
        return result

    def _charted(self, shape: int) -> int:
        return columns_charted(self._book.shapes[shape])

    def _all_columns(self, shape: int) -> int:
        return len(HEADER) + self._book.shapes[shape].width

    def _chunks(
        self, name: str, start_us: int, end_us: int, columns_of: Callable[[int], int]
    ) -> list[Chunk]:
        """A station's rows measured in start..end (and some beside them), as columns."""
        station = self._book.stations.get(name)
        if station is None:
            return []
        with self._readers.view(lambda: list(station.kept)) as (db, kept), sound():
            found = list(chunks.of_station(db, station.number, start_us, end_us, columns_of))
        within = (row for row in kept if start_us <= chunks.measured_us(row) < end_us)
        return found + list(self._as_chunks(within))

    def _as_chunks(self, rows: Iterator[bytes]) -> Iterator[Chunk]:
        by_shape: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for row in rows:
            values = self._unpacked(row)
            by_shape[values[_SHAPE]].append(values)
        for shape, found in by_shape.items():
            columns: list[Sequence[float]] = list(zip(*found, strict=True))
            yield Chunk(shape, columns)

    def _next_measured(self, name: str, at_us: int, end_us: int) -> int:
        """No later than the station's first row from here on; skips days that nobody measured."""
        station = self._book.stations.get(name)
        if station is None:
            return end_us
        with self._readers.view(lambda: list(station.kept)) as (db, kept):
            day_us = next(chunks.day_starts(db, at_us, end_us), end_us)
        waiting = (us for us in map(chunks.measured_us, kept) if us >= at_us)
        return max(at_us, min(day_us, min(waiting, default=end_us)))

    def _unpacked(self, row: bytes) -> tuple[Any, ...]:
        shape = self._book.shapes[memoryview(row)[:8].cast("q")[0]]
        return shape.row.unpack(row)

    def _received(self, row: tuple[Any, ...]) -> Received:
        station, stream, _ = self._book.streams[row[_STREAM]]
        with sound():
            return unflatten(self._book.shapes[row[_SHAPE]], station.name, stream, row)
