"""Rules tried out on conditions of the past or of a test: the same desk, and nobody is told.

For `rule_tests`, `backtest` and the command line.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import Rules
from warmstation_server.alerts.scene import Registered, RosterScene
from warmstation_server.alerts.state import Transition
from warmstation_server.alerts.store import Decided, Kept
from warmstation_server.notify.notice import Notice


class DryRun:
    """One set of rules at work; `transitions` and `notices` are what it would have done."""

    def __init__(self, registered: Registered, rules: Rules, start: datetime) -> None:
        self.transitions: list[Transition] = []
        self.notices: list[Notice] = []
        self._desk = Desk(self, RosterScene(registered, rules, start))

    def take(self, conditions: Iterable[Condition], now: datetime) -> None:
        """Conditions that came now, after everything that was due before."""
        while (due := self._desk.next_due) is not None and due < now:
            self._desk.turn((), due)
        self._desk.turn(conditions, now)
        while self._desk.is_behind(now):
            self._desk.turn((), now)

    def plan(self, windows: Iterable[Window]) -> None:
        """Work that is planned; it counts from the next turn on."""
        for window in windows:
            self._desk.plan(window)

    def load(self) -> Kept:
        """Nothing: a trial begins without alerts."""
        return Kept()

    def commit(self, decided: Decided) -> None:
        """Write down what would have been done."""
        self.transitions += decided.transitions
        self.notices += decided.notices
