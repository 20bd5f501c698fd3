"""Which report goes out when, until the server's receipt has come for each.

Pure but for the outbox it reads: only `uplink` calls it. What was just measured goes first; older
reports follow one by one behind it, newest first, slowed so that stations that come back together
do not flood the server. The broker's PUBACK proves nothing: only a receipt deletes.

Three moods:
- flowing: live reports at once, the backlog paced, late ones again with growing patience;
- silent: receipts stay away, or the broker says that nobody listens (the server is down): live
  reports still go to the broker, which queues them; of the rest only the newest is tried now and
  then, so that its queue is not flooded;
- refused: the broker's ACL says no: nothing but one try now and then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from random import Random

from warmstation_edge.outbox import READ_AHEAD, Outbox
from warmstation_edge.uplink.flights import Flights
from warmstation_edge.uplink.pace import Backoff, Pace, Trickle


class Mood(Enum):
    """How the delivery stands with the server."""

    FLOWING = auto()
    SILENT = auto()
    REFUSED = auto()


class Delivery:
    """The order and the pace in which an outbox is emptied. `now` is monotonic, in seconds."""

    def __init__(self, outbox: Outbox, pace: Pace, rng: Random) -> None:
        self._outbox = outbox
        self._pace = pace
        self._rng = rng
        self._flights = Flights(pace)
        self._trickle = Trickle(pace.backlog_per_s, rng)
        self._patience = Backoff(pace.receipt_s * 2, pace.receipt_max_s, rng)
        self._reproof = Backoff(pace.refused_s, pace.refused_max_s, rng)
        self._unheard = Backoff(pace.unheard_s, pace.receipt_max_s, rng)
        self._probe_at = 0.0
        self._live_after = 0
        self._older: list[int] | None = None
        self._reread_at = 0.0
        self._hold_until = self._live_hold_until = 0.0
        self._early: list[int] = []
        self._held: list[int] = []
        self.mood = Mood.FLOWING

    def connected(self, now: float) -> None:
        """There is a new connection: what was in flight on the old one is in doubt."""
        self._hold_until = now + self._pace.hold_s
        self._live_hold_until = now + self._pace.live_hold_s
        for backoff in (self._patience, self._reproof, self._unheard):
            backoff.reset()
        self._flow(now)

    def due(self, now: float) -> Iterator[tuple[int, bytes]]:
        """The reports to send now: seq and payload."""
        if self.mood is Mood.FLOWING and self._flights.is_server_silent(now):
            self.mood = Mood.SILENT
            self._flights.clear()
            self._probe_at = now
        if self.mood is not Mood.REFUSED:
            yield from self._live(now)
        if self.mood is Mood.FLOWING:
            yield from self._late(now)
            yield from self._backlog(now)
        else:
            yield from self._probe(now)

    def receipted(self, seqs: Iterable[int], now: float) -> None:
        """A receipt has come."""
        self._flights.receipted(seqs, now)
        self._patience.reset()
        self._unheard.reset()
        if self.mood is Mood.SILENT:
            self._flow(now)

    def taken(self, is_unheard: bool, now: float) -> None:
        """The broker has taken a report; `is_unheard`: for nobody, so no receipt will come."""
        if self.mood is Mood.REFUSED:
            self._reproof.reset()
            self._flow(now)
        if is_unheard:
            self.mood = Mood.SILENT
            self._flights.clear()
            self._probe_at = now + self._unheard.next_s()

    def refused(self, now: float) -> None:
        """The broker has refused a report."""
        if self.mood is not Mood.REFUSED:
            self.mood = Mood.REFUSED
            self._flights.clear()
            self._probe_at = now + self._reproof.next_s()

    def _flow(self, now: float) -> None:
        """Start over: the newest report is live, everything older is backlog, after a while."""
        self.mood = Mood.FLOWING
        self._flights.clear()
        self._older = None
        self._held, self._early = [], []
        self._live_after = self._outbox.newest() - 1
        self._trickle.pause(now + self._pace.start_s * self._rng.uniform(0.1, 1.0))

    def _live(self, now: float) -> Iterator[tuple[int, bytes]]:
        fresh = sorted(self._outbox.live(self._live_after), key=self._is_ordinary)
        early, self._early = self._early, []
        for seq in (*early, *fresh):
            self._live_after = max(self._live_after, seq)
            if (
                now < self._live_hold_until
                and self._outbox.awaits_clock(seq)
                and self._is_ordinary(seq)
            ):
                self._early.append(seq)
                continue
            if not self._outbox.fetch([seq]):
                self._early.append(seq)
                continue
            if self.mood is Mood.SILENT:  # it is a probe as good as any
                self._probe_at = now + self._pace.receipt_max_s
            yield from self._sent(seq, now)

    def _late(self, now: float) -> Iterator[tuple[int, bytes]]:
        late = list(self._flights.late(now))
        for number, seq in enumerate(late):
            if not self._trickle.ready(now) or not self._outbox.fetch(late[number:]):
                return
            self._trickle.went(now)
            yield from self._sent(seq, now)

    def _backlog(self, now: float) -> Iterator[tuple[int, bytes]]:
        self._take_held(now)
        if self._is_forgotten(now):
            self._older = None
        while self._older != [] and self._trickle.ready(now) and self._flights.has_room():
            if self._older is None:  # safety events are the last of the list: they go first
                self._older = sorted(self._outbox.backlog(), key=self._outbox.is_urgent)
                self._reread_at = now + self._pace.refused_s
                continue
            if not self._outbox.fetch(self._older[: -READ_AHEAD - 1 : -1]):
                return
            seq = self._older.pop()
            if seq in self._flights:
                continue
            if now < self._hold_until and self._outbox.awaits_clock(seq):
                self._held.append(seq)
                continue
            for report in self._sent(seq, now):
                self._trickle.went(now)
                yield report

    def _take_held(self, now: float) -> None:
        """Reports whose time may soon be known wait a while for it, behind all others."""
        if self._held and (now >= self._hold_until or not self._outbox.awaits_clock(self._held[0])):
            self._older = [*reversed(self._held), *(self._older or ())]
            self._held = []

    def _is_forgotten(self, now: float) -> bool:
        """Whether reports wait that are neither on their way nor in a list: the card would not give
        them for a while, or the whole file came only now."""
        is_idle = self._older == [] and not self._held and not self._early
        return is_idle and now >= self._reread_at and self._outbox.queued > len(self._flights)

    def _is_ordinary(self, seq: int) -> bool:
        return not self._outbox.is_urgent(seq)

    def _probe(self, now: float) -> Iterator[tuple[int, bytes]]:
        newest = self._outbox.newest()
        if now >= self._probe_at and self._outbox.fetch([newest]):
            wait = self._patience if self.mood is Mood.SILENT else self._reproof
            self._probe_at = now + wait.next_s()
            yield from self._sent(newest, now)

    def _sent(self, seq: int, now: float) -> Iterator[tuple[int, bytes]]:
        payload = self._outbox.payload(seq)
        if payload is None:
            self._flights.drop(seq)
            return
        if self.mood is Mood.FLOWING:
            self._flights.sent(seq, now, self._rng.uniform(1.0, 1.2))
        yield seq, payload
