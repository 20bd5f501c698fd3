"""The outbox: every report is kept here until the server's receipt says that it is committed.

`agent` adds measurements and calls `tick` each turn; `uplink` reads what waits and hands in the
receipts. One thread at a time may call it, and it never waits for the card, which has a thread of
its own (`executor`). What it promises, and why: README, "Outbox".
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from warmstation_edge.clock import Clock
from warmstation_edge.dating import Boots
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox_book import Book
from warmstation_edge.outbox_file import LOG_BYTES
from warmstation_edge.outbox_keeper import Keeper
from warmstation_edge.outbox_rows import Row, damage_of
from warmstation_edge.profile import OutboxLimits
from warmstation_edge.threads import Inline
from warmstation_wire import Fault, Receipt, Report

_log = logging.getLogger(__name__)

MEMORY_BYTES = 4 * 1024 * 1024
"""What may wait in memory while the card refuses or hangs."""
READ_AHEAD = 32
"""Reports that are read from the card at once, when the first of them is to be sent."""
START_S = 15.0
STOP_S = 4.0
"""So long the beginning and the end of an agent wait for a card that hangs."""
_BESIDES_BYTES = LOG_BYTES + 320 * 1024
"""What there is besides reports: the log, a page beyond it a report of a batch, and the notes."""


class Outbox:
    """Reports that wait for their receipt. OutboxTrouble only where another agent has the file.

    `dropped` counts reports lost for want of room; `counters`: what the run before gave to `close`;
    `notes`: what else the card remembers. `executor` has one thread, or none (then all is done at
    once); `patience_s` is how long a start waits for it.
    """

    def __init__(
        self,
        station: str,
        limits: OutboxLimits,
        clock: Clock,
        executor: Executor | None = None,
        patience_s: float = START_S,
    ) -> None:
        self._station = station
        self._clock = clock
        most_bytes = limits.max_mb * 1_000_000
        self._room_bytes = most_bytes - min(_BESIDES_BYTES, most_bytes / 3)
        self._book = Book(Boots(clock))
        self._keeper = Keeper(self._book, limits, clock, executor or Inline())
        self.notes = self._keeper.notes
        self._keeper.begin(patience_s)

    def add(self, measurement: Measurement, urgent: bool = False) -> Report:
        """Give it its place in the stream and keep it; urgent ones are given to the card at once,
        and are on it on return where the card has no thread of its own."""
        book = self._book
        seq, is_short = book.number()
        report = measurement.as_report(self._station, book.stream, seq)
        payload = report.to_json()
        boot = self._clock.boot_id() if report.clock != "synced" else None
        book.waiting.add(seq, Row(book.stream, urgent, len(payload), boot))
        book.unwritten.add(seq, payload, self._clock.monotonic())
        self._shed()
        if urgent or is_short:
            self._keeper.write()
        return report

    def receipted(self, receipt: Receipt) -> list[int]:
        """Forget what the server has committed; returns the numbers that were still waiting."""
        waiting, now = self._book.waiting, self._clock.monotonic()
        found = [
            seq
            for first, last in receipt.bounds()
            for seq in waiting.of(receipt.stream, first, last)
        ]
        for seq in found:
            if seq in waiting:  # a receipt may name a number twice
                self._book.forget(seq, now)
        return found

    def tick(self) -> None:
        """Take what the card has done, and give it the batch if it is due."""
        if self._book.boots.learned():
            self.notes.keep_boots(self._book.boots, (self._clock.boot_id(),))
        self._keeper.tick()

    def flush(self) -> None:
        """Have what waits in memory written now; where the disk refuses, it stays and is tried
        again."""
        if not self._book.unwritten.is_nothing or self._keeper.file is None:
            self._keeper.write()

    def live(self, after: int) -> list[int]:
        """Waiting numbers above `after`, the newest first."""
        return self._book.waiting.above(after)

    def newest(self) -> int:
        """The highest waiting number; 0 where nothing waits."""
        return self._book.waiting.newest()

    def backlog(self) -> list[int]:
        """All waiting numbers, the newest last: take from the end."""
        return list(self._book.waiting)

    def fetch(self, seqs: Sequence[int]) -> bool:
        """Whether `payload` of the first can be had now. What is on the card is read from it, with
        those that follow, which may take until a later turn."""
        if not self._is_on_card(seqs[0]):
            return True
        return self._keeper.fetch([seq for seq in seqs[:READ_AHEAD] if self._is_on_card(seq)])

    def payload(self, seq: int) -> bytes | None:
        """A waiting report as it goes on the wire; None where it waits no longer, or where the card
        does not give it (now: `fetch` says when it will).

        What was measured before the clock was set has its true time by now, if that is known.
        """
        payload = self._book.unwritten.payload(seq)
        if payload is None and self.fetch([seq]):
            payload = self._read(seq)
        if payload is None or seq not in self._book.waiting:
            return None
        return self._book.boots.dated(payload, self._book.waiting[seq].boot)

    def is_urgent(self, seq: int) -> bool:
        """Whether a waiting report is a safety event."""
        return self._book.waiting[seq].urgent

    def awaits_clock(self, seq: int) -> bool:
        """Whether a waiting report's true time may be known as soon as this clock is set."""
        waiting = self._book.waiting
        return seq in waiting and self._book.boots.awaits(waiting[seq].boot)

    @property
    def stream(self) -> str:
        """Which stream the numbers belong to."""
        return self._book.stream

    @property
    def counters(self) -> Mapping[str, Any] | None:
        """What the run before gave to `close`; None where a new stream has begun."""
        return self._book.counters

    @property
    def dropped(self) -> int:
        """How many reports were lost for want of room."""
        return self._book.dropped

    @property
    def queued(self) -> int:
        """How many reports wait."""
        return len(self._book.waiting)

    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the card: full, readonly, io, stalled; corrupt is told until the next
        start."""
        reason = self._keeper.fault()
        return (Fault(sensor="outbox", reason=reason),) if reason else ()

    def close(self, counters: Mapping[str, Any], patience_s: float = STOP_S) -> None:
        """Stop in order: everything is written, and the stream goes on at the next start. A card
        that hangs is not waited for: to what it has not got this is a power cut."""
        self._keeper.end(counters, patience_s)

    def abandon(self) -> None:
        """Let go as a power cut does: what was not written is lost. For tests and simulation."""
        self._keeper.let_go()

    def _read(self, seq: int) -> bytes | None:
        """A report from the card. A damaged one the server would refuse, again and again."""
        payload = self._keeper.payload(seq)
        if payload is None or seq not in self._book.waiting:
            return None
        damage = damage_of(payload, self._book.waiting[seq].stream, seq)
        if damage is None:
            return payload
        _log.error("the card has damaged report %d: %s", seq, damage)
        self._keeper.is_damaged = True
        self._book.drop(seq, self._clock.monotonic())
        return None

    def _is_on_card(self, seq: int) -> bool:
        return seq in self._book.waiting and seq not in self._book.unwritten

    def _shed(self) -> None:
        waiting, unwritten, now = self._book.waiting, self._book.unwritten, self._clock.monotonic()
        while waiting.size_bytes > self._room_bytes and len(waiting) > 1:
            self._book.drop(waiting.oldest(), now)
        while unwritten.size_bytes > MEMORY_BYTES:
            self._book.drop(waiting.oldest(among=unwritten), now)
