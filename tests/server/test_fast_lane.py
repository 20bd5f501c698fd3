"""What is dangerous goes past everything that waits, once, and is counted once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.alerting import TextStore
from tests.support.clocks import FakeClock
from tests.support.registered import NOON, FixedPlaces, message, report, station
from warmstation_server.alerting import Alerting, AlertParts
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.conditions.watch import Watch
from warmstation_server.dead_letters import DeadLetter
from warmstation_server.fast_lane import FastLane
from warmstation_server.history import Meanwhile, Received, idle
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.intake import Message
from warmstation_server.intake.inbox import Inbox
from warmstation_server.intake.packets import Outgoing
from warmstation_server.metrics import Metrics
from warmstation_server.picture import SLICE, Picture
from warmstation_server.pipeline import Pace, Parts, Pipeline
from warmstation_server.places import Station
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, Snapshot
from warmstation_server.status.openness import Posted

AT_ONCE = timedelta(0)


class Broker:
    """An inbox that remembers what was acknowledged."""

    connections = 1

    def __init__(self) -> None:
        self.inbox = Inbox(1000)
        self.acknowledged: list[Message] = []

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        return self.inbox.take(limit, AT_ONCE)

    def urgent(self, timeout: timedelta) -> list[Message]:
        return self.inbox.urgent(AT_ONCE)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        self.acknowledged += messages

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        return True


class Moody(MemoryHistory):
    """A history that can be away; something may happen while it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.come: list[Message] = []
        self.broker: Broker | None = None

    def append(self, batch: Sequence[Received], meanwhile: Meanwhile = idle) -> Sequence[Received]:
        if self.is_away:
            raise HistoryAway("the disk is full")
        if self.come and self.broker:
            come, self.come = self.come, []
            self.broker.inbox.put(come)
        while meanwhile():
            pass
        return super().append(batch)


class Shelf:
    def add(self, letters: Sequence[DeadLetter]) -> None: ...


class Keeping(Watch):
    """A watch that is kept nowhere, and says in which order it heard of reports."""

    def __init__(self, roster: Roster) -> None:
        super().__init__(roster)
        self.heard: list[tuple[str, int]] = []

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        self.heard += [(one.report.station, one.report.seq) for one in batch]
        return super().after_reports(batch)

    def remember(self, now: object, breath: object) -> None: ...

    def keep(self, now: object, breath: object) -> None: ...

    def close(self, now: object) -> None: ...


class Interrupted(Roster):
    """Says who is told of by now, each time that a station's hours are asked for a status."""

    def __init__(self, *stations: Station) -> None:
        super().__init__(FixedPlaces(*stations))
        self.asked: list[str] = []
        self.on_asked: Callable[[], None] = lambda: None

    def posted(self, station: Station, now: datetime) -> Posted:
        self.asked.append(station.id)
        self.on_asked()
        return super().posted(station, now)


class Server:
    def __init__(self, *stations: Station, max_batch: int = 1000) -> None:
        self.clock, self.broker, self.history = FakeClock(NOON), Broker(), Moody()
        self.history.broker = self.broker
        roster = self.roster = Interrupted(station(), station("ks-far"), *stations)
        roster.refresh()
        self.watch, self.store, self.metrics = Keeping(roster), TextStore(), Metrics()
        scene = RosterScene(roster, load(), NOON)
        desk = Desk(self.store, scene)
        alerting = Alerting(
            AlertParts(self.watch, desk, scene, roster, self.broker, self.metrics, lambda: True)
        )
        self.current = Current(Snapshot(NOON))
        parts = Parts(
            transport=self.broker,
            sender=self.broker,
            history=self.history,
            letters=Shelf(),
            roster=roster,
            picture=Picture(roster, self.current),
            metrics=self.metrics,
            clock=self.clock,
            alerting=alerting,
            lane=FastLane(self.broker, self.history, alerting, roster, self.clock),
        )
        self.pipeline = Pipeline(parts, Pace(max_batch=max_batch))
        self.pipeline.turn((), self.clock.now())

    def turn(self) -> None:
        self.pipeline.turn(self.broker.inbox.take(1000, AT_ONCE), self.clock.now())

    @property
    def told(self) -> list[str | None]:
        return [one.title.en for one in self.store.notices.values()]


@pytest.fixture
def server() -> Server:
    return Server()


def said(seq: int, name: str = "ks-songnan", **parts: Any) -> Message:
    return message(report(seq, station=name, **parts), mid=seq)


def smoke(seq: int, name: str = "ks-songnan") -> Message:
    return said(seq, name, safety={"smoke": True})


def test_smoke_is_told_before_the_batch_that_it_came_behind_is_judged(server: Server) -> None:
    server.broker.inbox.put([said(1), said(2), smoke(1, "ks-far")])
    server.turn()
    assert server.watch.heard[0] == ("ks-far", 1)
    assert server.told == ["Smoke"]


def test_smoke_that_comes_while_a_batch_is_written_waits_for_no_tick(server: Server) -> None:
    server.history.come = [smoke(1, "ks-far")]
    server.broker.inbox.put([said(1)])
    server.turn()
    assert server.told == ["Smoke"]


def test_smoke_that_comes_while_a_city_is_looked_at_waits_for_a_few_stations() -> None:
    city = [station(f"ks-{number}") for number in range(4 * SLICE)]
    server = Server(*city)
    server.broker.inbox.put([said(1, one.id) for one in city])
    told_of: list[int] = []

    def interrupt() -> None:
        told_of.append(len(server.told))
        if len(told_of) == SLICE:
            server.broker.inbox.put([smoke(1, "ks-far")])

    server.roster.on_asked = interrupt
    server.clock.advance(seconds=1)
    server.turn()
    assert len(told_of) >= len(city)
    assert told_of.index(1) <= 2 * SLICE


def test_it_is_told_and_counted_once_and_acknowledged_in_its_turn(server: Server) -> None:
    sent = [said(1), smoke(2), said(3, safety={"smoke": True})]
    server.broker.inbox.put(sent)
    for _ in range(30):
        server.turn()
        server.clock.advance(seconds=1)
    assert server.told == ["Smoke"]
    assert server.broker.acknowledged == sent
    rendered = server.metrics.render()
    assert b'messages_total{outcome="stored"} 3.0' in rendered
    assert b'outcome="repeated"' not in rendered
    assert len(list(server.history.reports("ks-songnan", NOON, NOON + timedelta(minutes=1)))) == 3


def test_a_stream_is_judged_in_the_order_of_its_numbers_all_the_same(server: Server) -> None:
    inside: dict[str, Any] = {"people": {"inside": 1, "entered": 5, "left": 4}}
    server.broker.inbox.put([said(1, **inside), said(2), smoke(3)])
    for _ in range(15):
        server.turn()
        server.clock.advance(seconds=1)
    assert server.watch._watched["ks-songnan"].order.seqs == {"9f3c": 3}
    assert server.watch._sequence.saved("ks-songnan") == []


def test_people_are_warned_while_the_history_is_away(server: Server) -> None:
    server.broker.inbox.put([said(1)])
    server.history.is_away = True
    server.turn()
    server.broker.inbox.put([smoke(2)])
    server.clock.advance(seconds=1)
    server.pipeline.turn((), server.clock.now())
    assert server.told == ["Smoke"]
    assert server.broker.acknowledged == []
    server.history.is_away = False
    server.clock.advance(seconds=60)
    server.pipeline.turn((), server.clock.now())
    server.turn()
    assert len(server.broker.acknowledged) == 2
    assert server.told == ["Smoke"]


def test_what_is_refused_waits_for_its_turn(server: Server) -> None:
    server.broker.inbox.put([smoke(1, "ks-nowhere"), said(1)])
    server.turn()
    assert server.told == []
    assert b'messages_total{outcome="unknown_station"} 1.0' in server.metrics.render()
