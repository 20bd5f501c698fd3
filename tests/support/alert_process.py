"""From a report to a delivered message, in a process that dies where it is told to.

`nursery("tests.support.alert_process").start(DIRECTORY, URL, POINT, LATER_S)`: takes the reports
that no earlier one has acknowledged, and ends when nothing is left to do, or at once at POINT.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.notices import channel, drain, route, settle
from tests.support.nursery import dies_at, forked
from tests.support.registered import NOON, FixedPlaces, message, report, station
from warmstation_server.alerting import Alerting, AlertParts
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.dead_letters import DeadLetter
from warmstation_server.fast_lane import FastLane
from warmstation_server.history import Meanwhile, Received, idle
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.intake import Message
from warmstation_server.intake.urgent import is_urgent
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.metrics import Metrics
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.http import Http
from warmstation_server.notify.senders.wecom import WeComBot
from warmstation_server.picture import Picture
from warmstation_server.pipeline import Pace, Parts, Pipeline
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, Snapshot

POINTS = (
    "before append",
    "appended",
    "acknowledged",
    "before commit",
    "committed",
    "before keep",
    "kept",
    "routed",
    "before claim",
    "claimed",
    "sent",
    "written down",
)
STATIONS = tuple(station(f"ks-{number}") for number in range(4))
RULES = """
[[rule]]
name = "chargers.inoperative"
for = "0s"
"""
"""No fresh report comes after the crash: what lasts a while could not be confirmed."""
Passed = Callable[[str], None]


def reports() -> list[Message]:
    """Smoke at one station, chargers that are broken at the others."""
    found = []
    for number, place in enumerate(STATIONS):
        broken = {"id": "p1", "kind": "phone", "state": "outoforder"}
        parts: dict[str, Any] = {"chargers": [broken]} if number else {"safety": {"smoke": True}}
        found.append(message(report(1, NOON, **{"station": place.id} | parts), mid=number))
    return found


class Clock:
    """Stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        """Aware, UTC."""
        return self.at


class Broker:
    """Brings what no process has acknowledged; its memory is a file."""

    connections = 1

    def __init__(self, path: Path, passed: Passed, now: datetime) -> None:
        self._path, self._passed = path, passed
        known = set(path.read_text().split()) if path.exists() else set()
        brought = [one._replace(received_at=now) for one in reports()]
        self.waiting = [one for one in brought if str(one.mid) not in known]
        self._urgent = [one for one in self.waiting if is_urgent(one)]

    def urgent(self, timeout: timedelta) -> list[Message]:
        """What may be dangerous, once, ahead of its turn."""
        found, self._urgent = self._urgent, []
        return found

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        """What waits."""
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Never bring these again."""
        with self._path.open("a") as file:
            file.writelines(f"{one.mid}\n" for one in messages)
        self._passed("acknowledged")

    def publish(self, messages: Sequence[Any]) -> bool:
        """Nobody listens."""
        return True


class History(SqliteHistory):
    """Dies before or after it has stored something."""

    passed: Passed

    def append(self, batch: Sequence[Received], meanwhile: Meanwhile = idle) -> Sequence[Received]:
        """As it is, with points."""
        self.passed("before append")
        stored = super().append(batch, meanwhile)
        self.passed("appended")
        return stored


class Store:
    """The registry's alerts, with points."""

    def __init__(self, registry: Registry, passed: Passed) -> None:
        self._alerts, self._passed = registry.alerts, passed
        self.load = registry.alerts.load

    def commit(self, decided: Any) -> None:
        """As it is, with points."""
        self._passed("before commit")
        self._alerts.commit(decided)
        self._passed("committed")


class Watching(KeptWatch):
    """Dies before or after it has written what it learned."""

    passed: Passed

    def put(self, stations: Iterable[str], now: datetime) -> bool:
        """As it is, with points."""
        self.passed("before keep")
        done = super().put(stations, now)
        self.passed("kept")
        return done


class Letters:
    """Nothing is refused here."""

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Nothing."""
        assert not letters


def run(directory: Path, url: str, passed: Passed, later: timedelta) -> None:
    """All that is left to do, a minute of it at a time."""
    zone, clock = ZoneInfo("Asia/Shanghai"), Clock(NOON + later)
    with ExitStack() as stack:
        registry = stack.enter_context(closing(Registry.open(directory / "r.db")))
        roster = Roster(FixedPlaces(*STATIONS))
        roster.refresh()
        history = stack.enter_context(closing(History(directory / "h.db", zone)))
        history.passed = passed
        watch = Watching(directory / "watch.state", roster)
        watch.passed = passed
        watch.catch_up(history, registry.alerts.load().passed, clock.now())
        broker = Broker(directory / "acknowledged", passed, clock.now())
        rules = directory / "rules.toml"
        rules.write_text(RULES)
        scene = RosterScene(roster, load(rules), clock.now())
        desk, metrics = Desk(Store(registry, passed), scene), Metrics()
        alerting = Alerting(AlertParts(watch, desk, scene, roster, broker, metrics, lambda: True))
        picture = Picture(roster, Current(Snapshot(clock.now())))
        lane = FastLane(broker, history, alerting, roster, clock)
        parts = Parts(
            *(broker, broker, history, Letters(), roster, picture, metrics, clock),
            alerting=alerting,
            lane=lane,
        )
        pipeline = Pipeline(parts, Pace())
        bot = channel("chat", WeComBot(url, Http(Guard(None))))
        routes = [route("chat", tier=tier) for tier in ("station", "city")]
        outbox = registry.notifications
        sending = drain(outbox, clock, [bot], routes, passed, owner=f"{os.getpid()}-{later}")
        pipeline.turn((), clock.now())
        for _ in range(16):
            pipeline.turn(broker.take(100, timedelta(0)), clock.now())
            settle(sending)
            clock.at += timedelta(minutes=1)


def main(directory: str, url: str, point: str, later_s: float) -> None:
    """Die at a point, or never."""
    run(Path(directory), url, dies_at(point), timedelta(seconds=later_s))


if __name__ == "__main__":
    forked(main)
