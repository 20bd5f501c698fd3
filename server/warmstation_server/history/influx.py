"""The history in InfluxDB 2: for operators who have one, and for districts beyond one machine.

A report is a point of its own, written before anything else. What reports add up to, and which of
them are known, is flushed every two minutes; what came late, or is the first of its stream, at
once, before `append` returns. README.md says why nothing is lost or counted twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock
from zoneinfo import ZoneInfo

from warmstation_server.history import Meanwhile, Point, Received, Step, Usage, idle
from warmstation_server.history.book import Book, Item, Station
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.codec import microseconds
from warmstation_server.history.errors import HistoryAway, PartlyRefused
from warmstation_server.history.influx_claim import Alone, Claim
from warmstation_server.history.influx_door import Door, Place
from warmstation_server.history.influx_ledger import FLUSH_EVERY_US, Ledger
from warmstation_server.history.influx_loading import Loading
from warmstation_server.history.influx_moving import Moving
from warmstation_server.history.influx_questions import Questions
from warmstation_server.history.influx_rows import Buckets, Rows, bucket_of
from warmstation_server.history.influx_shapes import Shapes
from warmstation_server.history.memory import always, default_target, no_seats
from warmstation_server.history.moving import Past
from warmstation_server.history.retention import keeps

log = logging.getLogger(__name__)

LATE_US = 120_000_000
"""A report measured longer than this before it came is flushed at once."""

Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Desk:
    """What stands once the history was read back."""

    book: Book
    shapes: Shapes
    ledger: Ledger
    questions: Questions


class InfluxHistory:
    """History in two buckets of one InfluxDB 2 server.

    `targets`, `is_open`, `seats`: as for SqliteHistory; `whole`: as for Writer. Nothing is asked of
    the server before the first call; every call is HistoryAway until it answers. One server writes
    to a pair of buckets (`writer`: its name, None where there is no other), for the others it is
    HistoryAway. Any number may look at it, with `is_reader`: as it was when they first asked.

    One thread calls append, expire and close; any thread may call the rest.
    """

    def __init__(
        self,
        place: Place,
        buckets: Buckets,
        zone: ZoneInfo,
        targets: Callable[[str], float] = default_target,
        is_open: Callable[[str, datetime], bool] = always,
        seats: Callable[[str], int | None] = no_seats,
        *,
        is_reader: bool = False,
        writer: str | None = None,
        whole: bool = False,
    ) -> None:
        self._is_reader, self._whole = is_reader, whole
        self._door, self._buckets = Door(place), buckets
        self._claim = Claim(self._door, buckets.kept, writer) if writer else Alone()
        self._calendar = Calendar(zone)
        self._hooks = targets, is_open, seats
        self._opening = RLock()
        self._desk: _Desk | None = None
        self._must: set[Station] = set()
        """Stations to flush before anything is answered."""
        self._unanswered: set[Key] = set()
        """Reports that are stored and were never answered for, since their flush failed."""
        self._swept_us = 0

    def append(self, batch: Sequence[Received], meanwhile: Meanwhile = idle) -> Sequence[Received]:
        """See History."""
        desk = self._open_to_write()
        desk.ledger.finish()
        fresh = list(desk.book.fresh(batch))
        try:
            refused = self._write(desk, fresh, meanwhile)
        except BaseException:
            desk.book.forget_unsaved()
            raise
        taken = fresh
        if refused:
            taken = [(one, item) for one, item in fresh if _key(one) not in refused]
        self._take(desk, [item for _, item in taken])
        if batch:
            try:
                self._flush(desk, microseconds(max(one.received_at for one in batch)))
            except BaseException:
                self._unanswered.update(_key(one) for one, _ in taken)
                raise
        return self._answer(batch, [one for one, _ in taken], refused)

    def latest(self) -> Iterator[Received]:
        """See History."""
        return self._open().questions.latest()

    def series(
        self, station: str, start: datetime, end: datetime, window: timedelta | None = None
    ) -> list[Point]:
        """See History."""
        return self._open().questions.series(station, start, end, window)

    def usage(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> dict[str, list[Usage]]:
        """See History."""
        return self._open().questions.usage(stations, start, end, step)

    def total(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> list[Usage]:
        """See History."""
        return self._open().questions.total(stations, start, end, step)

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        """See History."""
        return self._open().questions.reports(station, start, end)

    def expire(self, before: datetime) -> int:
        """See History. The line is stored first: what comes after it is not kept any more."""
        desk, line_us = self._open_to_write(), microseconds(before)
        book, ledger = desk.book, desk.ledger
        if line_us <= book.forgotten_before_us:
            return 0
        rows = Rows(self._door, self._buckets, book, desk.shapes)
        gone = rows.count(0, line_us)
        with ledger.lock:
            book.forget(line_us)
        for station in book.by_number:
            if any(stream.changed for stream in station.streams.values()):
                ledger.touch(station, ledger.flushed_us)
        ledger.flush(list(ledger.dirty), ledger.flushed_us)
        if gone:
            rows.forget(line_us)
        return gone

    def pasts(self) -> Iterator[Past]:
        """See Movable."""
        return self._moving(self._open()).pasts()

    def adopt(self, past: Past, reports: Iterable[Received]) -> None:
        """See Movable. Broken off, it is done again as a whole."""
        self._moving(self._open_to_write()).adopt(past, reports)

    @property
    def forgotten_before(self) -> int:
        """See Movable."""
        return self._open().book.forgotten_before_us

    def settle_move(self, forgotten_before_us: int) -> None:
        """See Movable."""
        desk = self._open_to_write()
        book = desk.book
        book.forgotten_before_us = max(forgotten_before_us, book.forgotten_before_us)
        came = [desk.shapes.head(one.latest)[5] for one in book.by_number if one.latest]
        desk.ledger.flush(list(desk.ledger.dirty), max(came, default=0))

    def close(self) -> None:
        """See History. Without the flush the next start reads a little more."""
        desk = self._desk
        if desk is not None and desk.ledger.dirty and not self._is_reader:
            with suppress(HistoryAway):
                if self._claim.hold():
                    desk.ledger.flush(list(desk.ledger.dirty), max(desk.ledger.dirty.values()))
        with suppress(HistoryAway):
            self._claim.leave()
        self._door.close()

    def _moving(self, desk: _Desk) -> Moving:
        return Moving(self._door, self._buckets, desk.book, desk.shapes, desk.ledger)

    def _open_to_write(self) -> _Desk:
        if self._is_reader:
            raise HistoryAway("This history was opened for reading only.")
        if not self._claim.hold():
            self._forget()
        return self._open()

    def _forget(self) -> None:
        """Another one may have written: what is known by heart is no longer true."""
        with self._opening:
            self._desk, self._must, self._unanswered = None, set(), set()

    def _open(self) -> _Desk:
        with self._opening:
            if self._desk is None:
                self._claim.hold()
                self._desk = self._loaded()
            return self._desk

    def _loaded(self) -> _Desk:
        targets, is_open, seats = self._hooks
        book = Book(targets, is_open, seats)
        shapes = Shapes(book, whole=self._whole)
        kept = self._buckets.kept
        ledger = Ledger(self._door, self._buckets, book, shapes, self._calendar)
        rows = Rows(self._door, self._buckets, book, shapes)
        loading = Loading(self._door, kept, book, shapes, ledger)
        if not self._is_reader:
            loading.redo()
        loading.flushed(self._calendar)
        desk = _Desk(book, shapes, ledger, Questions(book, self._calendar, shapes, ledger, rows))
        found = list(loading.reports_since(rows, ledger.flushed_us - LATE_US))
        self._take(desk, found)
        return desk

    def _write(
        self, desk: _Desk, fresh: Sequence[tuple[Received, Item]], meanwhile: Meanwhile
    ) -> dict[Key, str]:
        """Shapes first, then reports: a report whose shape is unknown could not be read."""
        unsaved = desk.book.unsaved
        named = [desk.shapes.name(number) for kind, number, _ in unsaved if kind == "shape"]
        if named:
            self._door.write(self._buckets.kept, named)
        refused: dict[Key, str] = {}
        by_bucket: dict[str, list[tuple[Received, Item]]] = {}
        line_us = desk.book.forgotten_before_us
        for one in fresh:
            if keeps(one[1].measured_us, line_us):
                bucket = bucket_of(self._buckets, one[1].measured_us)
                by_bucket.setdefault(bucket, []).append(one)
        for bucket, ones in by_bucket.items():
            lines = (desk.shapes.line(item.row, one.station, one.stream) for one, item in ones)
            for line in self._door.write_all_but_refused(bucket, lines, meanwhile):
                refused[_key(ones[line.number][0])] = line.reason
        return refused

    def _take(self, desk: _Desk, items: Sequence[Item]) -> None:
        """Take in what is stored; nothing of it can fail."""
        ledger = desk.ledger
        with ledger.lock:
            for item in items:
                station = item.station
                if not item.stream.runs:
                    self._must.add(station)
                    if station.latest is None:
                        ledger.known.begin(station)
                if item.measured_us < item.received_us - LATE_US or (
                    item.received_us < ledger.flushed_us
                ):
                    self._must.add(station)
                    ledger.means.touch(station.name, item.measured_us, item.received_us)
                desk.book.take(item)
                station.kept.clear()
                ledger.touch(station, item.received_us)
            desk.book.unsaved.clear()

    def _flush(self, desk: _Desk, now_us: int) -> None:
        """What must be flushed now, and now and then what has waited long enough."""
        ledger, ripe = desk.ledger, set(self._must)
        is_time = abs(now_us - self._swept_us) >= FLUSH_EVERY_US
        if is_time:
            ripe |= ledger.due(now_us)
        if ripe:
            ledger.flush(ripe, now_us)
            self._must.clear()
        if is_time:
            self._swept_us = now_us
        ledger.means.turn(now_us, desk.book.forgotten_before_us)

    def _answer(
        self, batch: Sequence[Received], taken: list[Received], refused: Mapping[Key, str]
    ) -> list[Received]:
        """What was taken, and before it in the batch whatever an earlier flush left unanswered."""
        if self._unanswered:
            both = {_key(one): one for one in batch if _key(one) in self._unanswered}
            self._unanswered -= both.keys()
            both |= {_key(one): one for one in taken}
            taken = [both.pop(_key(one)) for one in batch if _key(one) in both]
        if refused:
            told = [(one, refused[_key(one)]) for one in batch if _key(one) in refused]
            raise PartlyRefused(taken, told)
        return taken


def _key(one: Received) -> Key:
    return one.station, one.stream, one.seq
