"""What readers ask of InfluxDB: what is stored, with what is known by heart laid over it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from warmstation_server.history import Point, Received, Step, Usage
from warmstation_server.history.book import Book, Station
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.codec import microseconds
from warmstation_server.history.influx_ledger import Ledger
from warmstation_server.history.influx_rows import LAST_US, Found, Rows
from warmstation_server.history.influx_shapes import Shapes
from warmstation_server.history.influx_sums import Sheet, together
from warmstation_server.history.points import LOOKBACK, Sample, points, samples
from warmstation_server.history.retention import asked_from, keeps
from warmstation_server.history.runs import add_open_ends, open_ends
from warmstation_server.history.unflat import unflatten
from warmstation_server.history.usage import Buckets, bucket, listed, merge

_TRIES = 5
_DAY_US = 86_400_000_000


class Questions:
    """Answers; any thread may ask."""

    def __init__(
        self, book: Book, calendar: Calendar, shapes: Shapes, ledger: Ledger, rows: Rows
    ) -> None:
        self._book, self._calendar, self._shapes = book, calendar, shapes
        self._ledger, self._rows = ledger, rows

    def latest(self) -> Iterator[Received]:
        """See History."""
        with self._ledger.lock:
            rows = [station.latest for station in self._book.by_number if station.latest]
        return (self._received(row) for row in rows)

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        """See History. Each day is asked for when it is wanted.

        A question costs InfluxDB 5 ms, whatever it is: where the next report lies is asked only
        where a day had none, or cannot well have one.
        """
        line_us = self._book.forgotten_before_us
        at_us = max(asked_from(microseconds(start), line_us), 0)
        end_us = min(microseconds(end), LAST_US)
        is_near = at_us + _DAY_US > self._begins_us(station)
        while station in self._book.stations and at_us < end_us:
            if not is_near:
                at_us = self._rows.next_measured(station, at_us, end_us)
            stop_us = min(end_us, at_us - at_us % _DAY_US + _DAY_US)
            found = self._found(station, at_us, stop_us, line_us)
            found.sort(key=lambda row: (row.values[4], row.values[3], row.values[2]))
            yield from map(self._rows.received, found)
            at_us, is_near = stop_us, bool(found)

    def series(
        self, station: str, start: datetime, end: datetime, window: timedelta | None
    ) -> list[Point]:
        """See History."""
        line_us = self._book.forgotten_before_us
        start_us = asked_from(microseconds(start - LOOKBACK), line_us)
        by_shape: defaultdict[int, list[list[Any]]] = defaultdict(list)
        for row in self._found(station, start_us, microseconds(end), line_us):
            by_shape[row.values[0]].append(row.values)
        found: list[Sample] = []
        for shape, rows in by_shape.items():
            found += samples(self._book.shapes[shape], list(zip(*rows, strict=True)))
        return points(found, start, end, window)

    def usage(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> dict[str, list[Usage]]:
        """See History."""
        found = self._buckets(stations, start, end, step)
        answer = {name: listed(buckets) for name, buckets in found.items()}
        return {name: rows for name, rows in answer.items() if rows}

    def total(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> list[Usage]:
        """See History."""
        total: Buckets = {}
        for buckets in self._buckets(stations, start, end, step).values():
            for at, sums in buckets.items():
                merge(bucket(total, at), sums)
        return listed(total)

    def _buckets(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> dict[str, Buckets]:
        asked = [
            self._book.stations[name]
            for name in dict.fromkeys(stations)
            if name in self._book.stations
        ]
        start_ms = max(microseconds(start) // 1000, -_DAY_US // 1000)
        end_ms = min(microseconds(end), LAST_US) // 1000
        names = [station.name for station in asked]
        for _ in range(_TRIES):
            with self._ledger.lock:
                version = self._ledger.version
                fresh = {s: self._fresh(s, start_ms, end_ms, step) for s in asked}
            known = len(self._book.by_number)
            stored = self._ledger.stored.of(names, known, start_ms, end_ms, step)
            if version == self._ledger.version:
                break
        return {s.name: _laid_over(stored.get(s.name, {}), *fresh[s]) for s in asked}

    def _fresh(
        self, station: Station, start_ms: int, end_ms: int, step: Step
    ) -> tuple[Sheet, Buckets]:
        """Sums known by heart, and what comes on top: not flushed, and each stream's open end."""
        by_heart = {
            key: sums
            for key, sums in self._ledger.known.sheets.get(station, {}).items()
            if key.step == step and start_ms <= key.start < end_ms
        }
        quarters = {at: sums.copy() for at, sums in station.buckets.items()}
        add_open_ends(quarters, open_ends(station.streams.values()))
        more: Buckets = {}
        for quarter, sums in quarters.items():
            at = self._calendar.start(quarter, step)
            if start_ms <= at < end_ms:
                merge(bucket(more, at), sums)
        return by_heart, more

    def _begins_us(self, name: str) -> int:
        """About when its first report was measured: clocks jump."""
        station = self._book.stations.get(name)
        runs = (
            [run for stream in station.streams.values() for run in stream.runs] if station else []
        )
        return min((run.head_ms for run in runs), default=0) * 1000

    def _found(self, name: str, start_us: int, end_us: int, line_us: int) -> list[Found]:
        """A station's reports, with the numbers of their streams."""
        station = self._book.stations.get(name)
        if station is None:
            return []
        kept = []
        for found in self._rows.of_station(name, start_us, end_us):
            stream = station.streams.get(found.stream)
            is_taken = stream is not None and stream.knows(found.values[3])
            if stream is not None and is_taken and keeps(found.values[4], line_us):
                found.values[2] = stream.number
                kept.append(found)
        return kept

    def _received(self, row: bytes) -> Received:
        values = self._shapes.unpacked(row)
        station, stream, _ = self._book.streams[values[2]]
        return unflatten(self._book.shapes[values[0]], station.name, stream, values)


def _laid_over(stored: Sheet, by_heart: Sheet, more: Buckets) -> Buckets:
    found = together({**stored, **by_heart})
    for at, sums in more.items():
        merge(bucket(found, at), sums)
    return found
