"""What the desk needs from others: where alerts are kept, and what is known of stations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from warmstation_server.accounts.audit import Entry
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Context, Window
from warmstation_server.alerts.rules import RuleOf
from warmstation_server.alerts.state import AlertState, Transition
from warmstation_server.notify.notice import Notice

Tell = Callable[[AlertState, AlertState], Entry]
"""The line of the audit log for what somebody did: made of the alert before and after it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What one turn changed; the store commits all of it or nothing.

    `gone`: alerts that are over, as they were last. `waiting`: by station, the conditions that
    wait for what may have to come before them, empty where none is left. `windows`: all planned
    work, where that changed. `audit`: who did what, of all that people did in this turn. `at`:
    until then all is decided, at every station.
    """

    at: datetime
    states: tuple[AlertState, ...] = ()
    gone: tuple[AlertState, ...] = ()
    transitions: tuple[Transition, ...] = ()
    notices: tuple[Notice, ...] = ()
    waiting: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    windows: tuple[Window, ...] | None = None
    audit: tuple[Entry, ...] = ()

    def __bool__(self) -> bool:
        changed = (self.states, self.gone, self.transitions, self.notices, self.waiting, self.audit)
        return any(changed) or self.windows is not None


class Kept(NamedTuple):
    """What a store gives back. `passed`: when the last turn was committed."""

    passed: datetime | None = None
    states: tuple[AlertState, ...] = ()
    waiting: Mapping[str, tuple[Condition, ...]] = {}
    windows: tuple[Window, ...] = ()


class AlertStore(Protocol):
    """Where alerts are kept. Both raise ConnectionError where it cannot be reached now."""

    def load(self) -> Kept:
        """All that is not over."""
        ...

    def commit(self, decided: Decided) -> None:
        """Everything, or nothing of it; the same notice is never kept twice."""
        ...


class Scene(Protocol):
    """What the desk needs to know of stations."""

    def rules(self, station: str) -> RuleOf:
        """The rules that hold there."""
        ...

    def context(self, station: str, windows: tuple[Window, ...]) -> Context | None:
        """The station and its promises; None where it is not registered."""
        ...

    def former(self, station: str) -> Context | None:
        """One that is retired, as it was last; None where it is not known at all."""
        ...
