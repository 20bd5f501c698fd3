"""A watch over registered stations, fed by tests at the pace of event time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.support.registered import NOON, received, station
from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import Received
from warmstation_server.places import Station

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Registry:
    """What is registered; may be changed."""

    def __init__(self, *stations: Station) -> None:
        self.stations: Mapping[str, Station] = {one.id: one for one in stations}


def restarted(watch: Watch, registry: Registry, newest_agent: str | None = None) -> Watch:
    """Another watch that goes on from this one's state."""
    other = Watch(registry, newest_agent)
    for name in watch.known:
        kept = watch.state(name)
        assert kept is not None, f"{name} has news"
        other.resume(name, kept)
    return other


class Watching:
    """A watch, and the last word about every condition that it told."""

    def __init__(self, *stations: Station, newest_agent: str | None = None) -> None:
        self.registry = Registry(*(stations or (station(),)))
        self.watch = Watch(self.registry, newest_agent)
        self.newest_agent = newest_agent
        self.now = NOON
        self.seq = 0
        self.told: list[Condition] = []
        self.last: dict[tuple[str, str], Condition] = {}
        self.look()

    def look(self, at: datetime | None = None) -> None:
        """The tick looks at every 20 seconds until then: the server was there all the time."""
        at = at or self.now
        while self.now < at - 20 * MINUTE / 60:
            self.now += 20 * MINUTE / 60
            self._take(())
        self.now = max(self.now, at)
        self._take(())

    def take(self, batch: Sequence[Received]) -> set[str]:
        """Reports come in and the tick looks; which stations were urgent."""
        urgent = self.watch.after_reports(batch)
        self._take({one.report.station for one in batch})
        return urgent

    def report(
        self, at: datetime | None = None, late: timedelta = timedelta(0), **parts: Any
    ) -> None:
        """The next report of ks-songnan, which comes when it is measured or `late`."""
        at = at or self.now
        self.seq += 1
        one = received(self.seq, at, late, **parts)
        self.look(one.received_at)
        self.take([one])

    def every_minute(self, lasts: timedelta, every: timedelta = MINUTE, **parts: Any) -> None:
        """The same report again and again."""
        for _ in range(int(lasts / every)):
            self.report(self.now + every, **parts)

    def holds(self, name: str, subject: str = "") -> bool | None:
        """The last word that was told; None where nothing was told or nobody knows."""
        told = self.last.get((name, subject))
        return None if told is None else told.holds

    def one(self, name: str, subject: str = "") -> Condition:
        """The last word itself."""
        return self.last[name, subject]

    def restarted(self) -> Watching:
        """Another watch that goes on from this one's state."""
        other = Watching(*self.registry.stations.values(), newest_agent=self.newest_agent)
        other.watch = restarted(self.watch, self.registry, self.newest_agent)
        other.now, other.seq, other.last = self.now, self.seq, dict(self.last)
        return other

    def _take(self, touched: Iterable[str]) -> None:
        for condition in self.watch.conditions(touched, self.now):
            self.told.append(condition)
            self.last[condition.name, condition.subject] = condition
