"""All alerts of a server: takes conditions in, decides, commits, and tells what happened.

The pipeline's thread owns it; what people do comes in through `ask`, `plan` and `cancel` from any
thread. What is decided counts once it is committed: until then the turn is taken again.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from queue import Empty, SimpleQueue
from typing import TypeVar

from warmstation_server.accounts.audit import Entry
from warmstation_server.alerts.action import Action
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.docket import LATENESS, due_at, next_turn
from warmstation_server.alerts.level import begins
from warmstation_server.alerts.memory import Memory
from warmstation_server.alerts.state import AlertState
from warmstation_server.alerts.store import AlertStore, Decided, Scene, Tell
from warmstation_server.alerts.turn import Asked, Planned, Turn

Item = TypeVar("Item")
MOST = 1_000
"""Stations decided in one turn: half a second at most, for danger must not wait for a crowd."""


class Desk:
    """Owns every alert. Looks only at stations that something was said of, or where it is time."""

    def __init__(self, store: AlertStore, scene: Scene, most: int = MOST) -> None:
        self._store = store
        self._most = most
        self._scene = scene
        self._memory = Memory()
        self._due: list[tuple[datetime, str]] = []
        self._asked: SimpleQueue[Asked] = SimpleQueue()
        self._planned: SimpleQueue[Planned] = SimpleQueue()
        self.failed = 0
        """How often a station's alerts could not be decided: each one is a bug, and in the log."""

    def resume(self, now: datetime) -> None:
        """Take up what the store kept; all of it is looked at in the first turn.

        Where it kept nothing yet, what is said from `now` on counts as of its own moment.
        """
        self._memory = memory = Memory.of(self._store.load())
        memory.passed = memory.passed or now
        self._set_back(now)

    def _set_back(self, now: datetime) -> None:
        """Nothing lies behind this moment; every alert is looked at."""
        self._memory.set_back(now)
        memory = self._memory
        self._due = [(now, station) for station in memory.states]
        for station, waiting in memory.waiting.items():
            rule_of = self._scene.rules(station)
            self._due += [(due_at(one, rule_of(one.name)), station) for one in waiting]
        heapq.heapify(self._due)

    def is_behind(self, now: datetime) -> bool:
        """Whether more is due than one turn decides: take another one soon."""
        return bool(self._due) and self._due[0][0] <= now

    def states(self) -> list[AlertState]:
        """Every alert that is remembered; resolved ones of late are among them."""
        return [state for found in self._memory.states.values() for state in found.values()]

    @property
    def next_due(self) -> datetime | None:
        """When there is something to do at the latest, if nothing is said before."""
        return self._due[0][0] if self._due else None

    @property
    def words(self) -> Mapping[str, int]:
        """How many alerts are in which state."""
        return self._memory.words

    def ask(self, alert: str, action: Action, tell: Tell | None = None) -> Future[AlertState]:
        """Do something with an alert in the next turn; UnknownAlert where it is not there.

        `tell`: its line of the audit log, committed with it, where anything came of it.
        """
        future: Future[AlertState] = Future()
        self._asked.put((alert, action, tell, future))
        return future

    def plan(self, window: Window, entry: Entry | None = None) -> Future[None]:
        """Announce planned work, or change it (by its id), in the next turn, with its line."""
        return self._plan(window, entry)

    def cancel(self, window_id: str, entry: Entry | None = None) -> Future[None]:
        """Take planned work back."""
        return self._plan(window_id, entry)

    def look(self, stations: Iterable[str], now: datetime) -> None:
        """Something is known of these stations that changes what their alerts are now."""
        for station in stations:
            heapq.heappush(self._due, (now, station))

    def refuse(self, reason: str) -> None:
        """Answer all who asked with ConnectionError: it is not here that alerts change."""
        for *_, planned in _drained(self._planned):
            planned.set_exception(ConnectionError(reason))
        for *_, asked in _drained(self._asked):
            asked.set_exception(ConnectionError(reason))

    def turn(self, conditions: Iterable[Condition], now: datetime) -> Decided:
        """Take these in and decide what is due; it holds when this returns.

        ConnectionError where it cannot be committed: nothing is lost, the next turn does it. Of a
        mass incident it decides a part, and what is dangerous always before all else: `is_behind`.
        """
        if self._memory.passed is not None and now + LATENESS < self._memory.passed:
            self._set_back(now)
        stations = self._taken(conditions, now)
        planned, asked = _drained(self._planned), _drained(self._asked)
        if planned:
            stations |= self._memory.states.keys()
        stations = self._chosen(stations, now)
        turn = Turn(self._memory, self._scene, now, is_behind=self.is_behind(now))
        try:
            turn.plan(planned)
            turn.decide(stations)
            turn.act(asked)
            decided = turn.decided()
            if decided:
                self._store.commit(decided)
        except BaseException:
            self._put_back(stations, planned, asked, now)
            raise
        self.failed += turn.failed
        for station in turn.keep() | stations:
            self._wait(station)
        return decided

    def _plan(self, one: Window | str, entry: Entry | None) -> Future[None]:
        future: Future[None] = Future()
        self._planned.put((one, entry, future))
        return future

    def _taken(self, conditions: Iterable[Condition], now: datetime) -> set[str]:
        """Stations where something must be written down before it is its turn."""
        touched: set[str] = set()
        memory = self._memory
        for station, said in groupby(conditions, key=attrgetter("station")):
            rule_of, waiting = self._scene.rules(station), memory.waiting.setdefault(station, [])
            is_known = station in memory.states or station in memory.noted
            dues: set[datetime] = set()
            for one in said:
                # A station's clock may be a little ahead.
                condition = one if one.at <= now else one._replace(at=now)
                waiting.append(condition)
                rule = rule_of(condition.name)
                if is_known or begins(rule, condition):
                    dues.add(due_at(condition, rule))
                else:  # all is well, as before: that hurries nobody
                    dues.add(condition.at + LATENESS)
                if is_known or condition.holds:
                    touched.add(station)
            for due in dues:
                heapq.heappush(self._due, (due, station))
        return touched

    def _chosen(self, touched: set[str], now: datetime) -> set[str]:
        """Of what was touched and what is due, as much as one turn decides; the rest stays due.

        What is dangerous goes by itself: its commit waits for nobody else to be decided.
        """
        urgent = {station for station in touched if self._is_urgent(station)}
        if urgent or len(touched) > self._most:
            chosen = set(sorted(urgent or touched)[: self._most])
            for station in touched - chosen:
                heapq.heappush(self._due, (now, station))
            return chosen
        found = set(touched)
        while self._due and self._due[0][0] <= now and len(found) < self._most:
            found.add(heapq.heappop(self._due)[1])
        return found

    def _is_urgent(self, station: str) -> bool:
        rule_of = self._scene.rules(station)
        waiting = self._memory.waiting.get(station, ())
        return any(one.holds and rule_of(one.name).at_once for one in waiting)

    def _wait(self, station: str) -> None:
        states = self._memory.states.get(station)
        context = self._scene.context(station, self._memory.windows) if states else None
        if states and context is not None:
            due = next_turn(states, self._scene.rules(station), context)
            if due is not None:
                heapq.heappush(self._due, (due, station))

    def _put_back(
        self, stations: set[str], planned: list[Planned], asked: list[Asked], now: datetime
    ) -> None:
        for station in stations:
            heapq.heappush(self._due, (now, station))
        for one in planned:
            self._planned.put(one)
        for request in asked:
            self._asked.put(request)


def _drained(queue: SimpleQueue[Item]) -> list[Item]:
    found: list[Item] = []
    while True:
        try:
            found.append(queue.get_nowait())
        except Empty:
            return found
