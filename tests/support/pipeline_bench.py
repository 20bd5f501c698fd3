"""The pipeline with everything around it in memory; a journal says what happened in which order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import timedelta

from tests.support.clocks import FakeClock
from tests.support.registered import DISTRICT, NOON, FixedPlaces, station
from warmstation_server.dead_letters import DeadLetter
from warmstation_server.history import Meanwhile, Received, idle
from warmstation_server.history.errors import HistoryAway, PartlyRefused
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.intake import Message
from warmstation_server.intake.packets import Outgoing
from warmstation_server.metrics import Metrics
from warmstation_server.picture import Picture
from warmstation_server.pipeline import Pace, Parts, Pipeline
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, Snapshot
from warmstation_wire import Receipt, StationStatus, decode

BASE = f"warmstation/v1/{DISTRICT}/ks-songnan"


class Broker:
    """Remembers what was acknowledged and published, in the order in which it happened."""

    def __init__(self, journal: list[str]) -> None:
        self.journal = journal
        self.acknowledged: list[Message] = []
        self.published: list[tuple[str, bytes]] = []
        self.connections = 1
        self.waiting: list[Message] = []

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def acknowledge(self, messages: Sequence[Message]) -> None:
        self.journal.append("acknowledge")
        self.acknowledged.extend(messages)

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        for topic, payload, _ in messages:
            self.journal.append(topic.rpartition("/")[2])
            self.published.append((topic, payload))
        return True

    def receipts(self) -> list[Receipt]:
        return [decode(Receipt, payload) for topic, payload in self.published if "/rec" in topic]

    def statuses(self) -> list[StationStatus]:
        found = [payload for topic, payload in self.published if topic.endswith("/status")]
        return [decode(StationStatus, payload) for payload in found]


class FragileHistory(MemoryHistory):
    """A history that is away while `is_away`."""

    def __init__(self, journal: list[str]) -> None:
        super().__init__()
        self.journal = journal
        self.is_away = False
        self.patience = timedelta()
        self.unstorable: set[int] = set()

    def latest(self) -> Iterator[Received]:
        if self.is_away:
            raise HistoryAway("no route to host", self.patience)
        return super().latest()

    def append(self, batch: Sequence[Received], meanwhile: Meanwhile = idle) -> Sequence[Received]:
        if self.is_away:
            raise HistoryAway("the disk is full", self.patience)
        self.journal.append("commit")
        refused = [(one, "no field") for one in batch if one.report.seq in self.unstorable]
        fresh = super().append([one for one in batch if one.report.seq not in self.unstorable])
        if refused:
            raise PartlyRefused(fresh, refused)
        return fresh


class Shelf:
    """Dead letters in a list."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []
        self.is_broken = False

    def add(self, letters: Sequence[DeadLetter]) -> None:
        if self.is_broken:
            raise sqlite3.OperationalError("disk I/O error")
        self.letters.extend(letters)


class Bench:
    """A pipeline with everything around it in memory."""

    def __init__(
        self, history: FragileHistory | None = None, places: FixedPlaces | None = None
    ) -> None:
        self.clock = FakeClock(NOON)
        self.journal: list[str] = history.journal if history else []
        self.history = history or FragileHistory(self.journal)
        self.broker = Broker(self.journal)
        self.shelf = Shelf()
        self.places = places or FixedPlaces(station(), station("ks-never"))
        self.current = Current(Snapshot(NOON))
        self.metrics = Metrics()
        roster = Roster(self.places)
        roster.refresh()
        parts = Parts(
            transport=self.broker,
            sender=self.broker,
            history=self.history,
            letters=self.shelf,
            roster=roster,
            picture=Picture(roster, self.current),
            metrics=self.metrics,
            clock=self.clock,
        )
        self.pipeline = Pipeline(parts, Pace())

    def turn(self, *messages: Message) -> None:
        self.pipeline.turn(messages, self.clock.now())

    def later(self, **passed: float) -> None:
        """Let time pass, and one tick with it."""
        self.clock.advance(**passed)
        self.turn()

    def status(self, id_: str = "ks-songnan") -> StationStatus:
        return self.current.get().statuses[id_]
