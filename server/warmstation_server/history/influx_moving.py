"""A station's whole past out of InfluxDB, and into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from warmstation_server.history import Received, Step
from warmstation_server.history.book import Book, Station
from warmstation_server.history.codec import flatten, microseconds
from warmstation_server.history.errors import HistoryBroken
from warmstation_server.history.influx_door import Door
from warmstation_server.history.influx_ledger import Ledger
from warmstation_server.history.influx_lines import run_line, usage_line
from warmstation_server.history.influx_means import hour_of
from warmstation_server.history.influx_rows import Buckets, bucket_of
from warmstation_server.history.influx_shapes import Shapes
from warmstation_server.history.influx_sums import together
from warmstation_server.history.moving import EVER, STEPS, Past
from warmstation_server.history.retention import UNSET_US
from warmstation_server.history.unflat import unflatten
from warmstation_server.history.usage import NOBODY, Sums, bucket, merge
from warmstation_server.history.usage import Buckets as Sheets

_AT_ONCE = 5_000
_ALL_FIELDS = 1


class Moving:
    """Takes stations out and puts them in, for one InfluxHistory."""

    def __init__(
        self, door: Door, buckets: Buckets, book: Book, shapes: Shapes, ledger: Ledger
    ) -> None:
        self._door, self._buckets = door, buckets
        self._book, self._shapes, self._ledger = book, shapes, ledger

    def pasts(self) -> Iterator[Past]:
        """Every station: what is stored, and what is not flushed yet."""
        for station in self._book.by_number:
            if station.latest:
                streams = [(name, tuple(one.runs)) for name, one in station.streams.items()]
                usage = {step: self._sums(station, step) for step in STEPS}
                yield Past(station.name, streams, self._latest(station), usage)

    def adopt(self, past: Past, reports: Iterable[Received]) -> None:
        """Put a station in the place of what is stored of it."""
        book = self._book
        station = book.station(past.station)
        had = [(n, run.first) for n, s in station.streams.items() for run in s.runs]
        for name, runs in past.streams:
            book.stream(station, name).runs = list(runs)
        coming, hours = iter(reports), set[int]()
        while some := list(islice(coming, _AT_ONCE)):
            self._write_reports(station, some)
            hours |= {hour_of(one.measured_us) for one in some if one.measured_us >= UNSET_US}
        self._ledger.means.average([(station.name, hours)])
        station.latest = self._row(station, past.latest)
        report = past.latest.report
        station.latest_rank = station.streams[report.stream].number, report.seq
        self._name_shapes()
        lines = [*self._run_lines(past, had), *_usage_lines(past)]
        lines.append(self._ledger.station_line(station))
        for start in range(0, len(lines), _AT_ONCE):
            self._door.write(self._buckets.kept, lines[start : start + _AT_ONCE])
        self._ledger.known.sheets.pop(station, None)

    def _run_lines(self, past: Past, had: Sequence[tuple[str, int]]) -> Iterator[str]:
        gone = {*had}
        for name, runs in past.streams:
            for run in runs:
                gone.discard((name, run.first))
                yield run_line(past.station, name, run.first, run)
        for name, first in gone:
            yield run_line(past.station, name, first, None)

    def _write_reports(self, station: Station, some: Sequence[Received]) -> None:
        by_bucket: dict[str, list[str]] = {}
        rows = [self._row(station, one) for one in some]
        self._name_shapes()
        for one, row in zip(some, rows, strict=True):
            where = bucket_of(self._buckets, microseconds(one.report.measured_at))
            line = self._shapes.line(row, station.name, one.report.stream)
            by_bucket.setdefault(where, []).append(line)
        for where, lines in by_bucket.items():
            refused = self._door.write_all_but_refused(where, lines)
            if refused:
                raise HistoryBroken(f"{station.name}: a report is refused: {refused[0].reason}")

    def _name_shapes(self) -> None:
        unsaved = self._book.unsaved
        named = [self._shapes.name(number) for kind, number, _ in unsaved if kind == "shape"]
        if named:
            self._door.write(self._buckets.kept, named)
        unsaved.clear()

    def _sums(self, station: Station, step: Step) -> Sheets:
        span = microseconds(EVER[0]) // 1000, microseconds(EVER[1]) // 1000
        stored = self._ledger.stored.of([station.name], -1, *span, step).get(station.name, {})
        found = together(stored)
        for key, sums in self._ledger.known.added(station, "").items():
            if key.step == step:
                merge(bucket(found, key.start), sums)
        return found

    def _latest(self, station: Station) -> Received:
        values = self._shapes.unpacked(station.latest or b"")
        stream = self._book.streams[values[2]][1]
        return unflatten(self._book.shapes[values[0]], station.name, stream, values)

    def _row(self, station: Station, one: Received) -> bytes:
        report = one.report
        texts, values = flatten(report, one.district)
        number, form = self._book.shape(texts)
        stream = self._book.stream(station, report.stream).number
        times: tuple[Any, ...] = (microseconds(report.measured_at), microseconds(one.received_at))
        return form.row.pack(number, station.number, stream, report.seq, *times, *values)


def _usage_lines(past: Past) -> Iterator[str]:
    for step in STEPS:
        for start, sums in past.usage[step].items():
            line = usage_line(step, past.latest.district, past.station, start, sums, _all(sums))
            if line is not None:
                yield line


def _all(sums: Sums) -> Sums:
    """Every field is written, the zeros too: something else may have stood there."""
    return [_ALL_FIELDS, NOBODY if sums[1] == NOBODY else _ALL_FIELDS] + [_ALL_FIELDS] * (
        len(sums) - 2
    )
