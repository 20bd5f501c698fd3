"""Alerting with everything around it in memory: says what it is told to, remembers what it told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tests.support.alerting import TextStore
from tests.support.registered import NOON, FixedPlaces, station
from warmstation_server.alerting import Alerting, AlertParts
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.alerts.store import AlertStore
from warmstation_server.duty import Duty
from warmstation_server.history import Received
from warmstation_server.intake.packets import Outgoing
from warmstation_server.metrics import Metrics
from warmstation_server.roster import Roster

MINUTE = timedelta(minutes=1)


class Said:
    """Says what it is told to say, or breaks."""

    def __init__(self) -> None:
        self.next: list[Condition] = []
        self.is_broken = False

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        if self.is_broken:
            raise ZeroDivisionError
        return {one.report.station for one in batch}

    def conditions(self, touched: Iterable[str], now: datetime) -> list[Condition]:
        found, self.next = self.next, []
        return found

    def news(self, stations: Iterable[str]) -> list[Condition]:
        found = [one for one in self.next if one.station in set(stations)]
        self.next = [one for one in self.next if one not in found]
        return found

    def registry_changed(self) -> None: ...

    def remember(self, now: datetime, breath: object) -> None: ...

    def keep(self, now: datetime, breath: object) -> None: ...

    def close(self, now: datetime) -> None: ...


class Air:
    """Remembers what was published."""

    connections = 1

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        self.sent += [(topic, payload) for topic, payload, _ in messages]
        return True


class Room:
    """Alerting with everything around it in memory, but for the store where one is given."""

    def __init__(self, store: AlertStore | None = None, duty: Duty | None = None) -> None:
        self.source, self.air, self.store = Said(), Air(), TextStore()
        self.metrics, self.is_connected = Metrics(), True
        self.places = FixedPlaces(station())
        self.roster = roster = Roster(self.places)
        roster.refresh()
        scene = RosterScene(roster, load(), NOON)
        self.desk = Desk(store or self.store, scene)
        parts = AlertParts(
            self.source,
            self.desk,
            scene,
            roster,
            self.air,
            self.metrics,
            lambda: self.is_connected,
            duty=duty,
        )
        self.alerting = Alerting(parts)

    def turn(self, minute: float, *said: Condition) -> None:
        self.source.next += said
        self.alerting.turn(set(), NOON + minute * MINUTE, is_stored=True)


def holds(name: str, minute: float, *, is_so: bool = True) -> Condition:
    return Condition("ks-songnan", name, is_so, NOON + minute * MINUTE)
