"""What the desk remembers between two turns. For `desk` and `turn` alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.set_back import condition_by, state_by
from warmstation_server.alerts.state import AlertState, Key
from warmstation_server.alerts.store import Kept


@dataclass(slots=True)
class Memory:
    """Alerts and waiting conditions by station. `noted`: whose waiting ones are in the store.

    `behind`: in a mass incident, until when every station is decided; `ahead`: those that
    were decided since, and until when.
    """

    passed: datetime | None = None
    states: dict[str, dict[Key, AlertState]] = field(default_factory=dict)
    waiting: dict[str, list[Condition]] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)
    behind: datetime | None = None
    ahead: dict[str, datetime] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    words: Counter[str] = field(default_factory=Counter)
    stations_of: dict[str, str] = field(default_factory=dict)
    """Where the alert with this id is."""

    @classmethod
    def of(cls, kept: Kept) -> Memory:
        """What a store gave back."""
        memory = cls(kept.passed, windows=kept.windows, noted=set(kept.waiting))
        memory.waiting = {station: list(waiting) for station, waiting in kept.waiting.items()}
        by_station: dict[str, dict[Key, AlertState]] = {}
        for state in kept.states:
            by_station.setdefault(state.station, {})[state.key] = state
        for station, states in by_station.items():
            memory.put(station, states)
        return memory

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nothing is decided beyond `now`, and nothing was said behind it."""
        if self.passed is not None:
            self.passed = min(self.passed, now)
        self.behind = None if self.behind is None else min(self.behind, now)
        self.ahead = {station: min(at, now) for station, at in self.ahead.items()}
        for states in self.states.values():
            states.update({key: state_by(one, now) for key, one in states.items()})
        for waiting in self.waiting.values():
            waiting[:] = [condition_by(one, now) for one in waiting]

    def passed_at(self, station: str) -> datetime | None:
        """Until when the alerts of this station are decided; None before the first turn."""
        return self.passed if self.behind is None else self.ahead.get(station, self.behind)

    def put(self, station: str, states: dict[Key, AlertState]) -> None:
        """These are the alerts of a station now."""
        before = self.states.pop(station, {})
        for one in before.values():
            self.words[one.word] -= 1
            self.stations_of.pop(one.id, None)
        for one in states.values():
            self.words[one.word] += 1
            self.stations_of[one.id] = station
        if states:
            self.states[station] = states
