"""The outbox: every report is kept here until the server's receipt says that it is committed.

`agent` adds measurements and calls `tick` each turn; `uplink` reads what waits and hands in the
receipts. One thread at a time may call it. What it promises, and why: README, "Outbox".
"""

from __future__ import annotations

import logging
import math
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from warmstation_edge.clock import Clock
from warmstation_edge.counters import sound
from warmstation_edge.dating import Boots
from warmstation_edge.measurement import Measurement
from warmstation_edge.notes import Notes
from warmstation_edge.outbox_file import LOG_BYTES, OutboxFile, OutboxTrouble
from warmstation_edge.outbox_repair import read_or_begin
from warmstation_edge.outbox_rows import Row, State, damage_of
from warmstation_edge.profile import OutboxLimits
from warmstation_edge.waiting import Waiting
from warmstation_wire import Fault, Receipt, Report

_log = logging.getLogger(__name__)

SEQ_BLOCK = 1000
"""Numbers reserved by one write: at one report a minute, one write in 16 hours."""
MEMORY_BYTES = 4 * 1024 * 1024
"""What may wait in memory while the disk refuses."""
_BESIDES_BYTES = LOG_BYTES + 320 * 1024
"""What there is besides reports: the log, a page beyond it a report of a batch, and the notes."""
_FIRST_WITHOUT_FILE = 2**40
"""Where numbers start while the file cannot be read: above any that it may hold."""


class Outbox:
    """Reports that wait for their receipt. OutboxTrouble only where another agent has the file.

    `dropped` counts reports lost for want of room; `counters`: what the run before gave to `close`;
    `notes`: what else the card remembers.
    """

    def __init__(self, station: str, limits: OutboxLimits, clock: Clock) -> None:
        self._station = station
        self._limits = limits
        self._clock = clock
        self._waiting = Waiting()
        most_bytes = limits.max_mb * 1_000_000
        self._room_bytes = most_bytes - min(_BESIDES_BYTES, most_bytes / 3)
        self._fresh: dict[int, tuple[float, bytes]] = {}
        self._fresh_bytes = 0
        self._gone: set[int] = set()
        self._gone_since = self._retry_at = 0.0
        self._trouble: str | None = None
        self._is_damaged = False
        self._file: OutboxFile | None = None
        self._boots = Boots(clock)
        self.notes = Notes(lambda: self._file, self._bearing, clock)
        self._next, self._reserved = _FIRST_WITHOUT_FILE, _FIRST_WITHOUT_FILE - 1
        self.stream = secrets.token_hex(6)
        self.dropped = 0
        self.counters: Mapping[str, Any] | None = None
        self._begin()

    def add(self, measurement: Measurement, urgent: bool = False) -> Report:
        """Give it its place in the stream and keep it; urgent ones are on the card on return."""
        if self._next > self._reserved:
            self._reserve()
        report = measurement.as_report(self._station, self.stream, self._next)
        self._next += 1
        payload = report.to_json()
        boot = self._clock.boot_id() if report.clock != "synced" else None
        self._waiting.add(report.seq, Row(self.stream, urgent, len(payload), boot))
        self._fresh[report.seq] = (self._clock.monotonic(), payload)
        self._fresh_bytes += len(payload)
        self._shed()
        if urgent:
            self.flush()
        return report

    def receipted(self, receipt: Receipt) -> list[int]:
        """Forget what the server has committed; returns the numbers that were still waiting."""
        found = [
            seq
            for first, last in receipt.bounds()
            for seq in self._waiting.of(receipt.stream, first, last)
        ]
        for seq in found:
            if seq in self._waiting:  # a receipt may name a number twice
                self._forget(seq)
        return found

    def tick(self) -> None:
        """Write the batch if it is due."""
        if self._boots.learned():
            self.notes.keep_boots(self._boots, (self._clock.boot_id(),))
        now = self._clock.monotonic()
        if now < self._retry_at:
            return
        is_full = len(self._fresh) >= self._limits.batch_reports
        if is_full or self._file is None or now >= self._oldest() + self._limits.batch_s:
            self.flush()

    def flush(self) -> None:
        """Write what waits in memory now; where the disk refuses, it stays and is tried again."""
        if not self._fresh and not self._gone and self._file is not None:
            return
        for _ in range(2):  # a file that proves to be damaged has a new one in its place at once
            if self._file is None:
                self._open(is_start=False)
            before = self._file
            if self._save():
                return
            if self._file is before:
                break
        self._retry_at = self._clock.monotonic() + self._limits.batch_s

    def live(self, after: int) -> list[int]:
        """Waiting numbers above `after`, the newest first."""
        return self._waiting.above(after)

    def newest(self) -> int:
        """The highest waiting number; 0 where nothing waits."""
        return self._waiting.newest()

    def backlog(self) -> list[int]:
        """All waiting numbers, the newest last: take from the end."""
        return list(self._waiting)

    def payload(self, seq: int) -> bytes | None:
        """A waiting report as it goes on the wire; None where it waits no longer.

        What was measured before the clock was set has its true time by now, if that is known.
        """
        if seq not in self._waiting:
            return None
        boot, payload = self._waiting[seq].boot, None
        if seq in self._fresh:
            payload = self._fresh[seq][1]
        elif self._file is not None:
            with self._bearing():
                payload = self._read(self._file, seq)
        return payload and self._boots.dated(payload, boot)

    def is_urgent(self, seq: int) -> bool:
        """Whether a waiting report is a safety event."""
        return self._waiting[seq].urgent

    def awaits_clock(self, seq: int) -> bool:
        """Whether a waiting report's true time may be known as soon as this clock is set."""
        return seq in self._waiting and self._boots.awaits(self._waiting[seq].boot)

    @property
    def queued(self) -> int:
        """How many reports wait."""
        return len(self._waiting)

    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the disk: full, readonly, io; corrupt is told until the next start."""
        reason = self._trouble or ("corrupt" if self._is_damaged else None)
        return (Fault(sensor="outbox", reason=reason),) if reason else ()

    def close(self, counters: Mapping[str, Any]) -> None:
        """Stop in order: everything is written, and the stream goes on at the next start."""
        if self._file is None:
            self._open(is_start=False)
        self._reserved = self._next - 1
        self._save(is_clean=True, counters=counters)
        self.abandon()

    def abandon(self) -> None:
        """Let go as a power cut does: what was not written is lost. For tests and simulation."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self, file: OutboxFile, seq: int) -> bytes | None:
        """A report from the card. A damaged one the server would refuse, again and again."""
        payload = file.payload(seq)
        damage = damage_of(payload, self._waiting[seq].stream, seq)
        if damage is None:
            return payload
        _log.error("the card has damaged report %d: %s", seq, damage)
        self._is_damaged = True
        self._drop(seq)
        return None

    def _begin(self) -> None:
        state = self._open()
        if self._file is None or state is None:
            self._reserve()
            return
        counters = sound(state.counters) if state.clean else None
        if counters is None:
            _log.warning("the last run did not end in order: stream %s begins", self.stream)
            self._reserve()
            return
        new, self.stream = self.stream, state.stream
        if self._reserve():
            self.counters = counters
        else:  # the file still says `clean`: its stream must not be used before it says otherwise
            self.stream = new

    def _open(self, is_start: bool = True) -> State | None:
        """Open the file and take in what it holds; its state, where it has one."""
        try:
            self._file, state, rows, boots, is_damaged = read_or_begin(self._limits.path)
        except OutboxTrouble as trouble:
            if is_start and trouble.reason == "busy":
                raise
            self._suffer(trouble)
            return None
        self._is_damaged |= is_damaged
        self.dropped += state.dropped if state else 0
        used = max(state.reserved if state else 0, max(rows, default=0))
        is_unused = self._next == _FIRST_WITHOUT_FILE
        self._next = used + 1 if is_unused else max(used + 1, self._next)
        self._reserved = self._next - 1
        self._waiting.take_in({seq: row for seq, row in rows.items() if seq not in self._gone})
        self._boots.take_in(boots)
        return state

    def _reserve(self) -> bool:
        self._reserved = self._next + SEQ_BLOCK - 1
        if self._save():
            return True
        # Numbers may be used nevertheless: a run that does not end in order ends its stream too.
        self._reserved = self._next
        return False

    def _save(self, is_clean: bool = False, counters: Mapping[str, Any] | None = None) -> bool:
        if self._file is None:
            return False
        state = State(self.stream, self._reserved, is_clean, self.dropped, counters)
        added = [(seq, self._waiting[seq], payload) for seq, (_, payload) in self._fresh.items()]
        try:
            self._file.save(state, added, self._gone)
        except OutboxTrouble as trouble:
            self._suffer(trouble)
            return False
        self.notes.keep_boots(self._boots, (row.boot for _, row, _ in added))
        self._fresh.clear()
        self._gone.clear()
        self._fresh_bytes, self._retry_at, self._trouble = 0, 0.0, None
        return True

    def _oldest(self) -> float:
        """Since when something waits to be written; infinity where nothing does."""
        since = next((added_at for added_at, _ in self._fresh.values()), math.inf)
        return min(since, self._gone_since) if self._gone else since

    def _forget(self, seq: int) -> None:
        self._waiting.remove(seq)
        fresh = self._fresh.pop(seq, None)
        if fresh is not None:
            self._fresh_bytes -= len(fresh[1])
            return
        if not self._gone:
            self._gone_since = self._clock.monotonic()
        self._gone.add(seq)

    def _shed(self) -> None:
        while self._waiting.size_bytes > self._room_bytes and len(self._waiting) > 1:
            self._drop(self._waiting.oldest())
        while self._fresh_bytes > MEMORY_BYTES:
            self._drop(self._waiting.oldest(among=self._fresh))

    def _drop(self, seq: int) -> None:
        self._forget(seq)
        self.dropped += 1

    @contextmanager
    def _bearing(self) -> Iterator[None]:
        try:
            yield
        except OutboxTrouble as trouble:
            self._suffer(trouble)

    def _suffer(self, trouble: OutboxTrouble) -> None:
        if trouble.reason == "corrupt" and self._file is not None:
            self._replace(trouble)
        elif self._trouble != trouble.reason:
            _log.warning("%s; reports wait in memory", trouble)
            self._trouble = trouble.reason

    def _replace(self, trouble: OutboxTrouble) -> None:
        """In mid-run: what is sound goes on waiting, the rest is dropped, the stream goes on."""
        _log.error("%s; what is sound of it is taken over", trouble)
        self.abandon()
        self._is_damaged = True
        on_card = [seq for seq in self._waiting if seq not in self._fresh]
        for seq in on_card:
            self._waiting.remove(seq)
        dropped, _ = self.dropped, self._open(is_start=False)
        self.dropped = dropped + sum(seq not in self._waiting for seq in on_card)
