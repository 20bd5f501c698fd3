"""Staff pages over a made-up city: a registry with people in it, and clients that are signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import httpx
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.types import ASGIApp

from tests.support.client import Client
from tests.support.figures import with_figures
from tests.support.migrated import furnished
from tests.support.snapshots import city
from tests.support.web import SetClock, SteadyHistory
from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.person import Person
from warmstation_server.accounts.role import Role
from warmstation_server.accounts.scope import Node
from warmstation_server.accounts.secrets import csrf_of, kept, new_key
from warmstation_server.alerts.action import Action
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load as load_rules
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.alerts.state import AlertState
from warmstation_server.alerts.store import AlertStore, Scene, Tell
from warmstation_server.history import History
from warmstation_server.publish.site import Site
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, Snapshot
from warmstation_server.web.app import create_app
from warmstation_server.web.staff.parts import StaffParts

PASSWORD = "four plain words here"
HASHED = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
"""Of a kind that is found right or wrong at once; ours is slow on purpose."""


@dataclass
class Staff:
    """Everything behind one application with staff pages."""

    parts: StaffParts
    app: ASGIApp
    clock: Any
    desk: PromptDesk

    def add(self, login: str, role: Role | str, *scope: str, **more: Any) -> Person:
        """A person whose password is PASSWORD; scope as text: `*`, `region:ID`, `station:ID`."""
        nodes = tuple(Node.parse(text) for text in scope)
        person = Person(login, more.pop("name", login), Role(role), nodes, **more)
        self.parts.registry.people.add(person, HASHED, by="test", now=self.clock.now())
        return person

    def trouble(self, station: str, name: str = "heating.no_heat", **more: Any) -> str:
        """An alert that fires there; its id."""
        begun = self.clock.now()
        for minutes in (0, 30, 60):
            self.clock.moment = begun + timedelta(minutes=minutes)
            self.desk.hear(Condition(station, name, True, self.clock.now(), **more))
        self.clock.advance(seconds=30)
        self.desk.hear()
        found = self.parts.registry.alerts.newest(station, is_open=True)
        return next(one.id for one in found if one.name == name and one.phase == "firing")

    def entry(self, action: str) -> Entry:
        """A line for the audit log."""
        return Entry(self.clock.now(), "test", action, "test")

    def client(self, login: str | None = None) -> StaffClient:
        """A browser; signed in where a login is given (without the slow password)."""
        client = StaffClient(self.app)
        if login is not None:
            now, key = self.clock.now(), new_key()
            sessions = self.parts.registry.sessions
            sessions.begin(login, kept(key), address="127.0.0.1", agent="test", now=now)
            client.cookies.set("warmstation", key)
            client.csrf = csrf_of(key)
        return client


class StaffClient(Client):
    """A browser with cookies; sends forms with the session's word."""

    csrf = ""
    token = ""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self.cookies = httpx.Cookies()

    def ask(self, method: str, path: str, **wanted: Any) -> httpx.Response:
        """One request with the cookies of those before."""
        answer = super().ask(method, path, cookies=self.cookies, **wanted)
        self.cookies.extract_cookies(answer)
        return answer

    def send(self, path: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """POST a form from a page of our own."""
        return self.post(path, data={"csrf": self.csrf, **(fields or {})}, **more)


def visible(html: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


class PromptDesk(Desk):
    """Decides at once what people ask for: there is no pipeline here that would do it."""

    def __init__(self, store: AlertStore, scene: Scene, now: Callable[[], datetime]) -> None:
        super().__init__(store, scene)
        self._now = now
        self._lock = Lock()
        self.resume(now())

    def ask(self, alert: str, action: Action, tell: Tell | None = None) -> Future[AlertState]:
        """Asked and done."""
        asked = super().ask(alert, action, tell)
        self.hear()
        return asked

    def _plan(self, one: Window | str, entry: Entry | None) -> Future[None]:
        planned = super()._plan(one, entry)
        self.hear()
        return planned

    def hear(self, *conditions: Condition) -> None:
        """A turn with these conditions."""
        with self._lock:
            self.turn(conditions, self._now())


@contextmanager
def staff_web(
    folder: Path,
    snapshot: Snapshot | None = None,
    *,
    clock: Any = None,
    history: History | None = None,
    base_url: str = "http://127.0.0.1:8000",
) -> Iterator[Staff]:
    """An application whose registry lies in `folder` and has the snapshot's places in it."""
    clock = clock or SetClock()
    snapshot = snapshot or city(now=clock.now())
    stations = [replace(one, capacity=one.capacity or 1) for one in snapshot.stations.values()]
    with furnished(folder / "registry.db", snapshot.regions.values(), stations) as registry:
        yield from _staffed(folder, registry, snapshot, clock, history, base_url)


def _staffed(
    folder: Path,
    registry: Registry,
    snapshot: Snapshot,
    clock: Any,
    history: History | None,
    base_url: str,
) -> Iterator[Staff]:
    roster = Roster(registry, changes=registry.audit)
    roster.refresh()
    scene = RosterScene(roster, load_rules(None, roster.regions), clock.now())
    desk = PromptDesk(registry.alerts, scene, clock.now)
    site = Site(base_url)
    past: Any = history or SteadyHistory()
    parts = StaffParts(Current(snapshot), site, registry, past, clock, desk)
    parts, rollup = with_figures(parts, folder, roster)
    app = create_app(
        current=parts.current,
        site=site,
        feed=dict,
        registry=registry,
        history=past,
        metrics=lambda: b"",
        clock=clock,
        staff=parts,
    )
    yield Staff(parts, app, clock, desk)
    rollup.close()
