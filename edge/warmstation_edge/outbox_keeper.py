"""Keeps the outbox's file: opens it, writes batches and notes, reads what is to be sent.

Only `outbox` may call this room. Each of these is an errand for the card, one at a time; what came
of it is taken into the book in the turn after. A file before all else, then reports, then notes,
then what is to be read.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

from warmstation_edge.card import Card
from warmstation_edge.clock import Clock
from warmstation_edge.counters import sound
from warmstation_edge.notes import Notes
from warmstation_edge.outbox_book import Book
from warmstation_edge.outbox_file import OutboxFile, OutboxTrouble
from warmstation_edge.outbox_repair import Found, read_or_begin
from warmstation_edge.outbox_rows import State
from warmstation_edge.profile import OutboxLimits

_log = logging.getLogger(__name__)


class Keeper:
    """`is_damaged`: the card has changed something that was on it."""

    def __init__(self, book: Book, limits: OutboxLimits, clock: Clock, executor: Executor) -> None:
        self._book = book
        self._limits = limits
        self._clock = clock
        self._card = Card(executor, clock)
        self.file: OutboxFile | None = None
        self.notes = Notes(clock, lambda: self.file, self.go, self._suffer)
        self.is_damaged = False
        self._damaged: OutboxFile | None = None
        self._is_asked = self._is_saved = self._is_known = self._is_replaced = False
        self._is_starting = True
        self._retry_at = 0.0
        self._trouble: str | None = None
        self._wanted: list[int] = []
        self._at_hand: dict[int, bytes | None] = {}
        self._last_words: Mapping[str, Any] | None = None

    def begin(self, patience_s: float) -> None:
        """Open the file and go on with its stream, where that ended in order; where the card takes
        longer, without. OutboxTrouble where another agent has it."""
        new = self._book.stream
        self.write()
        is_settled = self._card.settle(time.monotonic() + patience_s, self.go)
        self._is_starting = False
        if not is_settled:
            _log.warning("the card hangs: reports wait in memory")
        if not self._is_saved:  # a file that still says `clean` has not given its stream away
            self._book.stream, self._book.counters = new, None

    def tick(self) -> None:
        """Take what the card has done, and give it what is due."""
        self._card.collect()
        now, unwritten = self._clock.monotonic(), self._book.unwritten
        if now >= self._retry_at:
            is_full = len(unwritten) >= self._limits.batch_reports
            is_late = now >= unwritten.since() + self._limits.batch_s
            self._is_asked |= is_full or is_late or self.file is None
        self.go()

    def write(self) -> None:
        """Have all written that is not on the card, and the numbers that are reserved."""
        self._card.collect()
        self._is_asked = True
        self.go()

    def fetch(self, seqs: Sequence[int]) -> bool:
        """Whether `payload` of the first of these, which are on the card, can be had now."""
        if seqs[0] not in self._at_hand and self.file is not None:
            self._card.collect()
            if not self._card.is_busy:
                self._wanted = list(seqs)
                self.go()
        return seqs[0] in self._at_hand or self.file is None

    def payload(self, seq: int) -> bytes | None:
        """What was fetched: empty where the card has lost it, None where it would not say."""
        return self._at_hand.pop(seq, None)

    def fault(self) -> str | None:
        """What is wrong with the card."""
        stalled = "stalled" if self._card.is_stalled else None
        return self._trouble or stalled or ("corrupt" if self.is_damaged else None)

    def end(self, counters: Mapping[str, Any], patience_s: float) -> None:
        """Write everything, with these last words, unless the card takes longer."""
        until = time.monotonic() + patience_s
        if self._card.settle(until, self.go):
            self._book.reserved = self._book.next - 1
            self._last_words = counters
            self.write()
        if not self._card.settle(until, self.go):
            _log.error("the card hangs: what it was not given is lost")
        self.let_go()

    def let_go(self) -> None:
        """Close the file, once nothing uses it."""
        file, self.file = self.file, None
        if file is not None:
            self._card.leave(file.close)

    def go(self) -> None:
        """Give the card what it has to do, while it is idle."""
        while not self._card.is_busy and self._give():
            pass

    def _give(self) -> bool:
        file = self.file
        if file is None:
            if not self._is_asked:
                self.notes.refuse()
                return False
            damaged, self._damaged = self._damaged, None
            self._card.give(partial(read_or_begin, self._limits.path, damaged), self._opened)
        elif self._is_asked:
            self._write(file)
        elif errand := self.notes.errand(file):
            self._card.give(*errand)
        elif self._wanted:
            wanted, self._wanted = self._wanted, []
            self._card.give(partial(_payloads, file, wanted), partial(self._fetched, wanted))
        else:
            return False
        return True

    def _opened(self, done: Future[Found]) -> None:
        try:
            found = done.result()
        except OutboxTrouble as trouble:
            if self._is_starting and trouble.reason == "busy":
                raise
            self._is_asked, self._retry_at = False, self._next_try()
            self._suffer(trouble)
            return
        self.file, self.is_damaged = found.file, self.is_damaged or found.is_damaged
        self._take_in(found)
        if self._is_starting and found.state is not None:
            self._go_on(found.state)

    def _take_in(self, found: Found) -> None:
        book, state = self._book, found.state
        if state is not None and not self._is_known:
            book.dropped += state.dropped
        self._is_known = True
        book.after(max(state.reserved if state else 0, max(found.rows, default=0)))
        rows = {seq: row for seq, row in found.rows.items() if not book.unwritten.is_gone(seq)}
        book.waiting.take_in(rows)
        book.dropped -= sum(seq in rows for seq in book.lost)
        book.lost = ()
        book.boots.take_in(found.boots)
        self.notes.take_in(found)

    def _go_on(self, state: State) -> None:
        counters = sound(state.counters) if state.clean else None
        if counters is None:
            stream = self._book.stream
            _log.warning("the last run did not end in order: stream %s begins", stream)
        else:
            self._book.stream, self._book.counters = state.stream, counters

    def _write(self, file: OutboxFile) -> None:
        self._is_asked = False
        book, ends = self._book, self._last_words is not None
        batch = book.unwritten.begin()
        state = State(book.stream, book.reserved, ends, book.dropped, self._last_words)
        added = [(seq, book.waiting[seq], payload) for seq, payload in batch.added.items()]
        boots = {row.boot for _, row, _ in added}
        work = partial(file.save, state, added, batch.gone)
        self._card.give(work, partial(self._written, boots))

    def _written(self, boots: set[str | None], done: Future[None]) -> None:
        try:
            done.result()
        except OutboxTrouble as trouble:
            self._book.unwritten.settle(False, self._clock.monotonic())
            self._retry_at = self._next_try()
            self._suffer(trouble)
            return
        self._book.unwritten.settle(True, self._clock.monotonic())
        self.notes.keep_boots(self._book.boots, boots)
        self._retry_at, self._trouble = 0.0, None
        self._is_saved, self._is_replaced = True, False

    def _fetched(self, wanted: list[int], done: Future[dict[int, bytes]]) -> None:
        try:
            self._at_hand = {**done.result()}
        except OutboxTrouble as trouble:
            self._at_hand = dict.fromkeys(wanted)
            self._suffer(trouble)

    def _next_try(self) -> float:
        return self._clock.monotonic() + self._limits.batch_s

    def _suffer(self, trouble: OutboxTrouble) -> None:
        if trouble.reason == "corrupt" and self.file is not None:
            self._replace(trouble)
        elif self._trouble != trouble.reason:
            _log.warning("%s; reports wait in memory", trouble)
            self._trouble = trouble.reason

    def _replace(self, trouble: OutboxTrouble) -> None:
        """In mid-run: what is sound goes on waiting, the rest is dropped, the stream goes on."""
        _log.error("%s; what is sound of it is taken over", trouble)
        self._damaged, self.file, self.is_damaged = self.file, None, True
        self._book.lose_card()
        # At once; but not for ever, where each new file proves to be damaged too.
        self._is_asked, self._is_replaced = not self._is_replaced, True
        self._retry_at = self._next_try()


def _payloads(file: OutboxFile, wanted: Sequence[int]) -> dict[int, bytes]:
    """What these reports say; nothing where the card has lost one."""
    return {seq: file.payload(seq) or b"" for seq in wanted}
