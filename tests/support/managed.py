"""Staff pages over the parts that a server is made of: reports in, alerts, shelves and pages out.

A thread turns the desk and the picture as the pipeline does; the clock is the test's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any
from zoneinfo import ZoneInfo

from starlette.types import ASGIApp

from tests.support.migrated import furnished
from tests.support.places import REGIONS, station
from tests.support.registered import NOON, received
from tests.support.staff import HASHED, StaffClient
from tests.support.web import SetClock
from warmstation_server.accounts.person import Person
from warmstation_server.accounts.role import Role
from warmstation_server.accounts.scope import Node
from warmstation_server.accounts.secrets import csrf_of, kept, new_key
from warmstation_server.alerting import Alerting, AlertParts
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.metrics import Metrics
from warmstation_server.picture import Picture
from warmstation_server.publish.site import Site
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, Snapshot
from warmstation_server.status.board import Board
from warmstation_server.stocking import Stocking
from warmstation_server.upkeep import RegistryUpkeep
from warmstation_server.web.app import create_app
from warmstation_server.web.staff.parts import StaffParts

MINUTE = timedelta(minutes=1)
OTHER = "ks-other"
"""A station in the same town that is not the manager's."""


class Silent:
    """A broker that takes everything and tells nobody."""

    connections = 1

    def publish(self, messages: Any) -> bool:
        """Nobody hears it."""
        return bool(messages) or True


@dataclass
class Managed:
    """A served town of two stations; `li` manages ks-songnan. `breath_s`: between two turns."""

    app: ASGIApp
    clock: SetClock
    registry: Registry
    history: MemoryHistory
    current: Current
    alerting: Alerting
    stocking: Stocking
    turn: Any
    lock: Lock = field(default_factory=Lock)
    board: Board = field(default_factory=Board)
    seq: int = 0
    breath_s: float = 0.02

    def report(self, minutes: int = 1, **parts: Any) -> None:
        """Reports of ks-songnan, minute by minute; the clock moves on."""
        for _ in range(minutes):
            self.clock.advance(minutes=1)
            self.seq += 1
            batch = [received(self.seq, self.clock.now(), **parts)]
            with self.lock:
                self.history.append(batch)
                self.alerting.after_reports(batch)
                self.turn(self.board.fold(batch))

    def tick(self) -> None:
        """The pipeline's second."""
        with self.lock:
            self.turn(set())

    def add(self, login: str, role: str, scope: str, name: str) -> None:
        """A person whose password is PASSWORD."""
        person = Person(login, name, Role(role), (Node.parse(scope),))
        self.registry.people.add(person, HASHED, by="test", now=self.clock.now())

    def stranger(self) -> StaffClient:
        """A browser that nobody is signed in with."""
        return StaffClient(self.app)

    def client(self, login: str = "li") -> StaffClient:
        """A browser that is signed in."""
        client, now = self.stranger(), self.clock.now()
        key = new_key()
        self.registry.sessions.begin(login, kept(key), address="::1", agent="test", now=now)
        client.cookies.set("warmstation", key)
        client.csrf = csrf_of(key)
        return client

    def holds(self, name: str) -> str | None:
        """The word of the open alert of that name."""
        found = self.registry.alerts.newest("ks-songnan", is_open=True)
        words = (one.word for one in found if one.name == name and one.phase == "firing")
        return next(words, None)


@contextmanager
def managed(
    folder: Path, *, base_url: str = "http://127.0.0.1:8000", clock: SetClock | None = None
) -> Iterator[Managed]:
    """All of it, until the block ends."""
    place = station(hours="Mo-Su,PH 07:00-22:00", name=station().name)
    with furnished(
        folder / "registry.db", REGIONS, [place, station(OTHER, is_simulated=False)]
    ) as registry:
        yield from _managed(folder, registry, base_url, clock or SetClock(NOON))


def _managed(folder: Path, registry: Registry, base_url: str, clock: SetClock) -> Iterator[Managed]:
    roster = Roster(registry, RegistryUpkeep(registry, clock))
    roster.refresh()
    zone = ZoneInfo("Asia/Shanghai")
    history = MemoryHistory(zone, roster.target_c, roster.is_posted_open)
    stocking = Stocking(KeptWatch(folder / "watch", roster), registry.supplies, roster)
    scene = RosterScene(roster, load(), clock.now())
    desk = Desk(registry.alerts, scene)
    metrics = Metrics()
    alerting = Alerting(AlertParts(stocking, desk, scene, roster, Silent(), metrics, lambda: True))
    current = Current(Snapshot(clock.now()))
    picture = Picture(roster, current)
    parts = StaffParts(current, Site(base_url), registry, history, clock, desk, stocking)
    app = create_app(
        current=current,
        site=parts.site,
        feed=dict,
        registry=registry,
        history=history,
        metrics=lambda: b"",
        clock=clock,
        staff=parts,
    )
    made = Managed(app, clock, registry, history, current, alerting, stocking, None)

    def turn(touched: set[str]) -> None:
        now = clock.now()
        alerting.turn(touched, now, is_stored=True)
        picture.turn(made.board, touched, {}, now, alerting.told)

    made.turn = turn
    made.tick()
    made.add("li", "manager", "station:ks-songnan", "李站长")
    made.add("zhao", "viewer", "station:ks-songnan", "赵")
    made.add("qian", "district", "region:kunshan", "钱")
    with _pump(made):
        yield made


@contextmanager
def _pump(made: Managed) -> Iterator[None]:
    stop = Event()

    def run() -> None:
        while not stop.wait(made.breath_s):
            made.tick()

    thread = Thread(target=run, name="pump", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
