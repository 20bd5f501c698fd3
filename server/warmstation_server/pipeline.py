"""One thread from a message to the picture: store, acknowledge, fold, and once a second, publish.

Nothing is acknowledged before it is committed. `turn` is handed messages and the time and waits
for nothing; `run` does the waiting.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from warmstation_server.alerting import Alerting
from warmstation_server.batch import Batch, Unstorable, sorted_out
from warmstation_server.clock import Clock, is_due
from warmstation_server.dead_letters import DeadLetter
from warmstation_server.fast_lane import FastLane
from warmstation_server.forgetting import Forgetting
from warmstation_server.heralds import Heralds
from warmstation_server.history import History, Received
from warmstation_server.history.errors import HistoryAway, PartlyRefused
from warmstation_server.intake import Message, Transport
from warmstation_server.intake.refusals import Refusals
from warmstation_server.judging import Judging
from warmstation_server.metrics import Metrics
from warmstation_server.picture import Busy, Picture
from warmstation_server.publish.home_assistant import Discovery
from warmstation_server.publish.mqtt import Sender, Statuses, send_receipts
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Told
from warmstation_server.status.board import Board, rebuilt
from warmstation_server.status.evidence import MEMORY
from warmstation_wire import Presence

log = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
FIRST_RETRY = timedelta(milliseconds=500)
LAST_RETRY = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=1)
MORE_TURNS = 7
"""Of the alerts in one tick, where there is more to decide than one of them takes."""


class Letters(Protocol):
    """Where refused messages go."""

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Keep these."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """A batch ends `batch` after its first message, or with `max_batch` of them.

    A commit of so many takes some thirty milliseconds, and nothing dangerous goes past it.
    `retention`: how long single reports are kept.
    """

    batch: timedelta = timedelta(milliseconds=150)
    max_batch: int = 1_000
    retention: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the pipeline works on; all of it is used by its thread alone, but for `busy`."""

    transport: Transport
    sender: Sender
    history: History
    letters: Letters
    roster: Roster
    picture: Picture
    metrics: Metrics
    clock: Clock
    busy: Callable[[], Busy] = dict
    alerting: Alerting | None = None
    discovery: Discovery | None = None
    lane: FastLane | None = None


class Pipeline:
    """Owns the board and drives every part of the server that follows a report."""

    def __init__(self, parts: Parts, pace: Pace) -> None:
        self._parts = parts
        self._pace = pace
        self._board: Board | None = None
        self._touched: set[str] = set()
        self._judging = Judging(parts.alerting, parts.clock)
        self._statuses = Statuses(parts.sender)
        self._refusals = Refusals()
        self._held: Batch | None = None
        self._heralds = Heralds()
        self._retry = FIRST_RETRY
        self._retry_at: datetime | None = None
        self._tick_at: datetime | None = None
        self._forgetting = Forgetting(parts.history, pace.retention, parts.clock.now())
        self.presence: dict[str, Presence] = {}
        """The last word of each station about its connection; it moves no status."""

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; what was taken is then committed and acknowledged, or left."""
        while not stop.is_set():
            self.turn(self._gathered(stop), self._parts.clock.now())
        self._end(self._parts.clock.now())

    def turn(self, messages: Sequence[Message], now: datetime) -> None:
        """One round: take these in, try what is held, tick where a second has passed."""
        self._hurry()
        if messages:
            self._held = self._sorted_out(messages)
        if is_due(self._retry_at, now, LONGEST_WAIT):
            self._work(now)
        if is_due(self._tick_at, now, TICK):
            self._tick_at = now + TICK
            self._hurry()
            self._tick(now)
            if not self.is_holding:
                self._hurry()
                self._forgetting.turn(now)

    def _sorted_out(self, messages: Sequence[Message]) -> Batch:
        """A station may speak in the second in which it is registered: strangers are asked for."""
        roster = self._parts.roster
        batch = sorted_out(messages, roster.known, self._hurry)
        if batch.names_a_stranger and not roster.is_away and roster.refresh():
            batch = sorted_out(messages, roster.known, self._hurry)
        return batch

    @property
    def is_holding(self) -> bool:
        """Whether a batch waits for the history; nothing more is taken until then."""
        return self._held is not None

    def _gathered(self, stop: threading.Event) -> list[Message]:
        if self._held is not None or self._board is None:
            self._wait(stop, FIRST_RETRY.total_seconds() / 2)
            return []
        transport, pace = self._parts.transport, self._pace
        messages = transport.take(pace.max_batch, timedelta(0))
        if len(messages) < pace.max_batch:
            self._judging.rest(self._hurry)
        if not messages:
            messages = transport.take(pace.max_batch, self._until_tick())
        if messages and len(messages) < pace.max_batch:
            self._wait(stop, self._patience_s(messages[0]))
            messages += transport.take(pace.max_batch - len(messages), timedelta(0))
        return messages

    def _wait(self, stop: threading.Event, wait_s: float) -> None:
        """Nothing to do for so long, unless there is danger."""
        if self._parts.lane is None or self._board is None:
            stop.wait(wait_s)
        else:
            self._parts.lane.look(timedelta(seconds=wait_s))

    def _hurry(self) -> None:
        """What is dangerous waits for one step at most, never for a batch or a picture."""
        if self._parts.lane is not None and self._board is not None:
            self._parts.lane.look()

    def _patience_s(self, first: Message) -> float:
        """What is left of a batch's time: under load its first message has waited long enough."""
        waited = self._parts.clock.now() - first.received_at
        return min(self._pace.batch, max(timedelta(0), self._pace.batch - waited)).total_seconds()

    def _until_tick(self) -> timedelta:
        if self._tick_at is None:
            return timedelta(0)
        return min(TICK, max(timedelta(0), self._tick_at - self._parts.clock.now()))

    def _work(self, now: datetime) -> None:
        try:
            if self._board is None:
                self._board = self._rebuilt(now)
            if self._held is not None:
                self._store(self._held)
        except HistoryAway as error:
            self._away(error, now)
            return
        if self._retry_at is not None:
            log.info("the history is back")
            self._parts.metrics.history_away(away=False)
        self._retry, self._retry_at = FIRST_RETRY, None

    def _store(self, batch: Batch) -> None:
        """Commit, then tell the stations, then acknowledge, then judge: a full batch, which another
        one follows, while that one is stored.

        A receipt goes before the acknowledgement on the same way: whatever is cut off in between,
        the broker brings the report again, and no station waits for a receipt that nobody sends.
        """
        parts = self._parts
        if batch.received:
            with parts.metrics.commit_s.time():
                stored, unstorable = self._append(batch.received)
            if parts.lane is not None:
                stored += parts.lane.settled(batch.received)
            again = len(batch.received) - stored - len(unstorable)
            parts.metrics.stored(stored, again, self._heralds.met(batch))
            batch = batch.without(unstorable)
        self._bury(batch)
        parts.metrics.receipts(*send_receipts(parts.sender, batch.received))
        parts.transport.acknowledge(batch.messages)
        self._held = None
        self._judging.rest(self._hurry)
        self._judging.add(batch.received)
        if len(batch.messages) < self._pace.max_batch:
            self._judging.rest(self._hurry)
        for heard in batch.heard:
            if isinstance(heard.payload, Presence):
                self.presence[heard.station] = heard.payload
        parts.metrics.count("heard", len(batch.heard))

    def _append(self, received: Sequence[Received]) -> tuple[int, Sequence[Unstorable]]:
        """How many were new, and what the storage will never take."""
        refused: Sequence[Unstorable] = ()
        try:
            fresh = self._parts.history.append(received, self._judging.step)
        except PartlyRefused as error:
            fresh, refused = error.fresh, error.refused
        self._parts.metrics.too_old(self._forgetting.too_old(fresh))
        return len(fresh), refused

    def _bury(self, batch: Batch) -> None:
        """A refused message is never worth a stop: where it cannot be kept, it is counted."""
        if not batch.refused:
            return
        self._refusals.tell(batch.refused)
        for letter in batch.refused:
            self._parts.metrics.count(letter.reason)
        try:
            self._parts.letters.add(batch.refused)
        except (sqlite3.Error, OSError) as error:
            log.warning("%d dead letters could not be kept: %s", len(batch.refused), error)

    def _away(self, error: HistoryAway, now: datetime) -> None:
        if self._retry_at is None:
            log.error("the history is away, nothing is acknowledged until it is back: %s", error)
            self._parts.metrics.history_away(away=True)
        self._retry_at = now + max(self._retry, error.patience)
        self._retry = min(self._retry * 2, LAST_RETRY)

    def _tick(self, now: datetime) -> None:
        parts = self._parts
        with parts.metrics.tick_s.time():
            board = self._board or Board()
            touched = self._folded(board)
            told = self._alerts(touched, now)
            self._hurry()
            busy = parts.busy()
            snapshot = parts.picture.turn(board, touched, busy, now, told, self._hurry)
            self._hurry()
            self._statuses.publish(
                snapshot.stations, snapshot.statuses, parts.picture.news, self._hurry
            )
            if parts.discovery is not None:
                parts.discovery.publish(snapshot.stations)
        parts.metrics.stations(parts.picture.data_states)

    def _folded(self, board: Board) -> set[str]:
        """Move the board by all that was stored since the last tick; who is to be looked at."""
        self._judging.rest(self._hurry)
        touched, self._touched = self._touched, set()
        return touched | board.fold(self._judging.judged(), self._hurry)

    def _alerts(self, touched: Set[str], now: datetime) -> Told:
        alerting = self._parts.alerting
        if alerting is None or self._board is None:
            return Told()
        alerting.remember(now, self._hurry)
        alerting.turn(touched, now, is_stored=self._retry_at is None, breath=self._hurry)
        for _ in range(MORE_TURNS):
            if not alerting.is_behind(now):
                break
            self._hurry()
            alerting.turn(frozenset(), now, is_stored=self._retry_at is None, breath=self._hurry)
        return alerting.told

    def _end(self, now: datetime) -> None:
        """Decide upon what was stored last, and let alerting keep what it learned."""
        self._tick(now)
        if self._parts.alerting is not None and self._board is not None:
            self._parts.alerting.close(now)

    def _rebuilt(self, now: datetime) -> Board:
        roster, history = self._parts.roster, self._parts.history
        roster.refresh()
        usage = history.usage(roster.stations.keys(), now - MEMORY, now, "quarter")
        board = rebuilt(history.latest(), usage)
        self._touched |= roster.stations.keys()
        return board
