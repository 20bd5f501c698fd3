"""One turn of the desk: what it decides, collected until it is committed. For `desk` alone."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta

from warmstation_server.accounts.audit import Entry
from warmstation_server.alerts.action import Action, acted
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Context, Window
from warmstation_server.alerts.docket import Turned, due_at, firing, turned
from warmstation_server.alerts.ending import withdrawn
from warmstation_server.alerts.errors import UnknownAlert
from warmstation_server.alerts.level import begins
from warmstation_server.alerts.memory import Memory
from warmstation_server.alerts.state import AlertState, Key, Transition
from warmstation_server.alerts.store import Decided, Scene, Tell
from warmstation_server.notify.notice import Notice

log = logging.getLogger(__name__)

Asked = tuple[str, Action, Tell | None, "Future[AlertState]"]
Planned = tuple[Window | str, Entry | None, "Future[None]"]
_ENDED_KEPT = timedelta(hours=1)
"""What is decided lies behind: planned work that is over may still have hushed it."""


class Turn:
    """Decides without touching the memory; `keep` moves the memory once all is committed."""

    def __init__(
        self, memory: Memory, scene: Scene, now: datetime, *, is_behind: bool = False
    ) -> None:
        self._memory = memory
        self._scene = scene
        self._behind = (memory.behind or memory.passed or now) if is_behind else None
        self._now = now
        self._after: dict[str, dict[Key, AlertState]] = {}
        self._left: dict[str, list[Condition]] = {}
        self._transitions: list[Transition] = []
        self._notices: list[Notice] = []
        self._ended: list[AlertState] = []
        self._answers: list[tuple[Future[AlertState], AlertState | UnknownAlert]] = []
        self._windows: tuple[Window, ...] | None = None
        self._planned: list[Planned] = []
        self._audit: list[Entry] = []
        self.failed = 0

    def plan(self, planned: list[Planned]) -> None:
        """Announce and cancel planned work."""
        if not planned:
            return
        by_id = {one.id: one for one in self._memory.windows if one.end > self._now - _ENDED_KEPT}
        for one, entry, _ in planned:
            if isinstance(one, Window):
                by_id[one.id] = one
            elif by_id.pop(one, None) is None:
                continue  # nothing was taken back: there is nothing to tell
            if entry is not None:
                self._audit.append(entry)
        self._windows, self._planned = tuple(by_id.values()), planned

    def decide(self, stations: Iterable[str]) -> None:
        """Do what is due there. What fails at one station is logged and harms no other."""
        for station in sorted(stations):
            waiting = self._memory.waiting.get(station, [])
            try:
                self._decide(station, waiting)
            except Exception:
                log.exception("the alerts of %s could not be decided", station)
                self.failed += 1
                self._left[station] = []

    def act(self, asked: Iterable[Asked]) -> None:
        """Do what people asked for."""
        for alert, action, tell, future in asked:
            answer = self._acted(alert, action, tell)
            known = answer or UnknownAlert(f"no open alert has the id {alert[:40]!r}")
            self._answers.append((future, known))

    def decided(self) -> Decided:
        """What is to be committed."""
        states: list[AlertState] = []
        for station, after in self._after.items():
            before = self._memory.states.get(station, {})
            states += [one for key, one in after.items() if before.get(key) != one]
        return Decided(
            self._behind or self._now,
            tuple(states),
            tuple(self._ended),
            tuple(self._transitions),
            tuple(self._notices),
            self._waiting_changes(),
            self._windows,
            tuple(self._audit),
        )

    def keep(self) -> set[str]:
        """It is committed: it holds now, and whoever asked hears of it. Stations that changed."""
        memory = self._memory
        memory.behind = self._behind
        if self._behind is None:
            memory.ahead = {}
        else:
            memory.ahead.update(dict.fromkeys(self._left, self._now))
        memory.passed = self._now
        memory.windows = memory.windows if self._windows is None else self._windows
        for station, after in self._after.items():
            memory.put(station, after)
        for station, left in self._left.items():
            memory.waiting[station] = left
            if not left:
                memory.waiting.pop(station)
            memory.noted.discard(station)
            if self._is_worth_noting(station):
                memory.noted.add(station)
        self._answer()
        return set(self._after)

    def _answer(self) -> None:
        for future, answer in self._answers:
            if isinstance(answer, AlertState):
                future.set_result(answer)
            else:
                future.set_exception(answer)
        for _, _, done in self._planned:
            done.set_result(None)

    def _decide(self, station: str, waiting: list[Condition]) -> None:
        rule_of = self._scene.rules(station)
        due: list[Condition] = []
        left: list[Condition] = []
        for one in waiting:
            (due if due_at(one, rule_of(one.name)) <= self._now else left).append(one)
        self._left[station] = left
        states = self._states(station)
        if not states and not any(begins(rule_of(one.name), one) for one in due):
            return  # all is well, as before
        context = self._scene.context(station, self._known_windows())
        if context is None:  # it is no station any more: it has no alerts either
            self._left[station] = []
            self._end(states.values(), self._scene.former(station))
            self._after[station] = {}
            return
        passed = self._memory.passed_at(station) or self._now
        self._add(station, turned(states, due, rule_of, context, passed, self._now))

    def _end(self, states: Iterable[AlertState], was: Context | None) -> None:
        """Those that fire are over, and their history says why; who was told of them hears it."""
        for state in states:
            rule = self._scene.rules(state.station)(state.name)
            outcome = withdrawn(state, rule, was, self._now)
            self._ended += [] if outcome.ended is None else [outcome.ended]
            self._transitions += outcome.transitions
            self._notices += outcome.notices

    def _acted(self, alert: str, action: Action, tell: Tell | None) -> AlertState | None:
        station = self._memory.stations_of.get(alert, "")
        states = self._states(station)
        state = next((one for one in states.values() if one.id == alert), None)
        context = self._scene.context(station, self._known_windows()) if state else None
        if state is None or context is None:
            return None
        context = replace(context, firing=firing(states))
        rule = self._scene.rules(station)(state.name)
        outcome = acted(state, rule, action, context, self._now)
        if outcome.state is None or not outcome.transitions:  # nothing that this can be done to
            return None
        states = {**states, state.key: outcome.state}
        if tell is not None:
            self._audit.append(tell(state, outcome.state))
        self._add(station, Turned(states, outcome.transitions, outcome.notices))
        return outcome.state

    def _add(self, station: str, done: Turned) -> None:
        self._after[station] = dict(done.states)
        self._transitions += done.transitions
        self._notices += done.notices
        self._ended += done.ended

    def _states(self, station: str) -> Mapping[Key, AlertState]:
        found = self._after.get(station)
        return self._memory.states.get(station, {}) if found is None else found

    def _known_windows(self) -> tuple[Window, ...]:
        return self._memory.windows if self._windows is None else self._windows

    def _waiting_changes(self) -> dict[str, tuple[Condition, ...]]:
        """What waits at stations where it matters: healthy words need not survive a crash."""
        changes: dict[str, tuple[Condition, ...]] = {}
        for station, left in self._left.items():
            if self._is_worth_noting(station):
                changes[station] = tuple(left)
            elif station in self._memory.noted:
                changes[station] = ()
        return changes

    def _is_worth_noting(self, station: str) -> bool:
        left = self._left.get(station)
        return bool(left) and (bool(self._states(station)) or any(one.holds for one in left or ()))
