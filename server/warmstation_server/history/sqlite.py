"""The embedded history: one SQLite file, one writer thread, any number of reader threads.

A batch is one entry of a journal, and that is all that must be written before it counts as
stored. In the same transaction the stations that have waited longest are rolled: their rows become
compressed chunks, their usage is added to its tables. README.md has the layout and the figures.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from warmstation_server.history import (
    Meanwhile,
    Point,
    Received,
    Step,
    Usage,
    idle,
    ledger,
    moving_sqlite,
)
from warmstation_server.history.book import Book, Item, Station
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.codec import microseconds
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.forgetting import AT_ONCE, Forgotten, forgetting
from warmstation_server.history.moving import Past
from warmstation_server.history.parts import attached, take_in
from warmstation_server.history.questions import Questions
from warmstation_server.history.readers import Readers
from warmstation_server.history.schema import claim, open_writer, plain_errors, transaction
from warmstation_server.history.usage_tables import rebuild_days

TARGET_C = 20.0
_CHECKPOINT_BYTES = 16 * 2**20
_SETTLED_AT_ONCE = 50
"""Stations of one transaction while settling."""


class SqliteHistory:
    """History in one file.

    `targets`: a station's promised temperature in °C (20 where it is unknown); `target_s` counts
    seconds at or above it. `is_open(station, moment)` is asked once a report, for the time the
    report stands; without it every measured second counts. `seats`: how many people make a station
    full, None = nobody knows. All are asked when a report is stored:
    what they say later does not change what was. `max_bytes`: the file never grows beyond.
    `is_scratch`: a part that is made again after a power cut, so nothing waits for the disk.

    One thread calls append, expire and close; any thread may call the rest.
    """

    def __init__(
        self,
        path: Path,
        zone: ZoneInfo,
        targets: Callable[[str], float] | Mapping[str, float] | None = None,
        is_open: Callable[[str, datetime], bool] | None = None,
        max_bytes: int | None = None,
        seats: Callable[[str], int | None] | None = None,
        *,
        is_scratch: bool = False,
    ) -> None:
        self._path, self._calendar = path, Calendar(zone)
        self._book = Book(_target_of(targets), is_open, seats)
        self._lock = threading.Lock()
        """Held while a commit and the book change together, and while a reader takes its view."""
        self._unchecked_bytes = 0
        self._forgetting: Iterator[Forgotten] = iter(())
        """What is left to do of the last `expire`."""
        self._claim: int | None = claim(path)
        self._writer: sqlite3.Connection | None = None
        self._readers = Readers(path, self._lock)
        self._questions = Questions(self._book, self._calendar, self._readers)
        try:
            self._writer = open_writer(path, max_bytes, is_scratch=is_scratch)
            with plain_errors(path):
                ledger.load(self._writer, self._book)
                self._settle_zone(self._writer, zone.key)
        except BaseException:
            self.close()
            raise

    def append(self, batch: Sequence[Received], meanwhile: Meanwhile = idle) -> Sequence[Received]:
        """See History."""
        try:
            fresh = list(self._book.fresh(batch))
            if fresh:
                with plain_errors(self._path):
                    self._commit([item for _, item in fresh])
        except BaseException:
            self._book.forget_unsaved()
            raise
        return [received for received, _ in fresh]

    def latest(self) -> Iterator[Received]:
        """See History."""
        return self._questions.latest()

    def series(
        self, station: str, start: datetime, end: datetime, window: timedelta | None = None
    ) -> list[Point]:
        """See History."""
        return self._questions.series(station, start, end, window)

    def usage(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> dict[str, list[Usage]]:
        """See History."""
        return self._questions.usage(stations, start, end, step)

    def total(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> list[Usage]:
        """See History."""
        return self._questions.total(stations, start, end, step)

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        """See History. Each day is read as it is asked for."""
        return self._questions.reports(station, start, end)

    def expire(self, before: datetime) -> int:
        """See History."""
        line, writer = microseconds(before), self._open()
        gone = work = 0
        with plain_errors(self._path):
            if line > self._book.forgotten_before_us:
                with transaction(writer):
                    ledger.write_line(writer, line)
                self._book.forgotten_before_us = line
                self._forgetting = forgetting(writer, self._book, self._lock, line)
            for part in self._forgetting:
                gone, work = gone + part.reports, work + part.work
                self._checkpoint(part.written_bytes)
                if gone and work >= AT_ONCE:
                    break
        return gone

    def settle(self, is_enough: Callable[[], bool] = lambda: False) -> None:
        """Roll what waits in the journal, so that the next start has nothing to read back.

        Stops between two transactions once `is_enough`. A start without it is slower, no more.
        """
        while self._book.queue and not is_enough():
            ripe = list(islice(self._book.queue, _SETTLED_AT_ONCE))
            with plain_errors(self._path):
                self._roll(ripe)

    def absorb(self, part: Path) -> int:
        """Take in all that a settled history of other streams holds; how many reports.

        All of it or nothing; HistoryBroken where the part has a stream that is here already.
        """
        self.settle()
        writer, book = self._open(), self._book
        try:
            with (
                self._lock,
                plain_errors(self._path),
                attached(writer, part),
                transaction(writer),
            ):
                taken = take_in(writer, book, part)
        except BaseException:
            book.forget_unsaved()
            raise
        book.unsaved.clear()
        taken.show()
        self._checkpoint(part.stat().st_size)
        return taken.reports

    def pasts(self) -> Iterator[Past]:
        """See Movable."""
        self.settle()
        return moving_sqlite.pasts(self._open(), self._book)

    def adopt(self, past: Past, reports: Iterable[Received]) -> None:
        """See Movable. All of it or nothing in the file; after an error, open it anew."""
        self.settle()
        writer = self._open()
        with self._lock, plain_errors(self._path), transaction(writer):
            moving_sqlite.adopt(writer, self._book, past, reports)
        self._book.unsaved.clear()

    @property
    def forgotten_before(self) -> int:
        """See Movable."""
        return self._book.forgotten_before_us

    def settle_move(self, forgotten_before_us: int) -> None:
        """See Movable."""
        writer = self._open()
        line = max(forgotten_before_us, self._book.forgotten_before_us)
        with plain_errors(self._path), transaction(writer):
            ledger.write_line(writer, line)
        self._book.forgotten_before_us = line

    def close(self) -> None:
        """See History."""
        self._readers.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    def _open(self) -> sqlite3.Connection:
        if self._writer is None:
            raise HistoryAway(f"The history {self._path} is closed.")
        return self._writer

    def _commit(self, items: list[Item]) -> None:
        writer, book = self._open(), self._book
        ripe = ledger.due(book, len(items))
        writer.execute("BEGIN IMMEDIATE")
        try:
            ledger.roll(writer, self._calendar, book, ripe)
            written = ledger.write_journal(writer, book, [item.row for item in items])
            ledger.cut_journal(writer, book, len(ripe))
            with self._lock:
                writer.execute("COMMIT")
                ledger.rolled(book, ripe)
                for item in items:
                    book.take(item)
        except BaseException:
            if writer.in_transaction:
                writer.execute("ROLLBACK")
            raise
        book.unsaved.clear()
        self._checkpoint(written)

    def _roll(self, ripe: list[Station]) -> None:
        writer, book = self._open(), self._book
        with self._lock:
            with transaction(writer):
                ledger.roll(writer, self._calendar, book, ripe)
                if len(ripe) == len(book.queue):
                    ledger.empty_journal(writer)
            ledger.rolled(book, ripe)

    def _checkpoint(self, written: int) -> None:
        """Copy the log into the file now and then; not under the lock, for it takes a while."""
        self._unchecked_bytes += written
        if self._unchecked_bytes > _CHECKPOINT_BYTES:
            with suppress(sqlite3.OperationalError):  # the batch is safe; next time then
                self._open().execute("PRAGMA wal_checkpoint(PASSIVE)")
                self._unchecked_bytes = 0

    def _settle_zone(self, writer: sqlite3.Connection, zone: str) -> None:
        known = writer.execute("SELECT value FROM meta WHERE key = 'zone'").fetchone()
        if known == (zone,):
            return
        with transaction(writer):
            if known:
                rebuild_days(writer, self._calendar)
            writer.execute("INSERT OR REPLACE INTO meta VALUES ('zone', ?)", (zone,))


def _target_of(
    targets: Callable[[str], float] | Mapping[str, float] | None,
) -> Callable[[str], float]:
    if targets is None:
        return lambda _: TARGET_C
    if isinstance(targets, Mapping):
        return lambda station: targets.get(station, TARGET_C)
    return targets
