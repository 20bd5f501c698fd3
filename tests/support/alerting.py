"""Alerts under test: one station, a day by the minute, and a store that keeps text only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.places import REGIONS, station
from warmstation_server.alerts import record
from warmstation_server.alerts.action import Action, acted
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Context, Window, path_of
from warmstation_server.alerts.lifecycle import after
from warmstation_server.alerts.rule import Escalation, Rule
from warmstation_server.alerts.rules import RuleOf
from warmstation_server.alerts.state import AlertState, Key, Transition
from warmstation_server.alerts.store import Decided, Kept
from warmstation_server.hours import Hours
from warmstation_server.notify.notice import Notice

T0 = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""A Monday noon in Kunshan."""
REGION_OF = {region.id: region for region in REGIONS}
NAME = "heating.no_heat"


def at(minutes: float) -> datetime:
    """So long after T0."""
    return T0 + timedelta(minutes=minutes)


def minutes(count: float) -> timedelta:
    """A duration."""
    return timedelta(minutes=count)


ESCALATE = (
    Escalation(minutes(30), "community"),
    Escalation(minutes(60), "street"),
    Escalation(minutes(120), "city"),
)


def context(hours: str = "24/7", key: str = "ks-songnan", **changes: Any) -> Context:
    """A station in Songnan (community), Qiandeng (street), Kunshan (city); no district."""
    place = station(key)
    found = Context(place, path_of(place, REGION_OF), Hours(hours), at(-1e6))
    return replace(found, **changes)


def condition(minute: float, holds: bool | None = True, name: str = NAME, **more: Any) -> Condition:
    """What the diagnosis says at that minute."""
    return Condition("ks-songnan", name, holds, at(minute), **more)


class Told:
    """One alert moved on step by step; remembers all that happened."""

    def __init__(self, rule: Rule, where: Context | None = None) -> None:
        self.rule = rule
        self.context = where or context()
        self.state: AlertState | None = None
        self.transitions: list[Transition] = []
        self.notices: list[Notice] = []

    def hear(self, *conditions: Condition) -> Told:
        """Conditions, each at its time."""
        for one in conditions:
            self._step(one, max(one.at, self.now) if one.is_late else one.at)
        return self

    def wait(self, minute: float) -> Told:
        """Nothing is said until that minute."""
        self._step(None, at(minute))
        return self

    now = T0

    def _step(self, one: Condition | None, now: datetime) -> None:
        self.now = now
        outcome = after(self.state, self.rule, one, self.context, now)
        self.state = outcome.state
        self.transitions += outcome.transitions
        self.notices += outcome.notices

    @property
    def story(self) -> list[tuple[str, float]]:
        """What happened, at which minute."""
        return [(one.kind, _minute(one.at)) for one in self.transitions]

    def act(self, action: Action, minute: float) -> None:
        """Somebody does this about it, at that minute."""
        assert self.state is not None
        outcome = acted(self.state, self.rule, action, self.context, at(minute))
        self.state = outcome.state
        self.transitions += outcome.transitions
        self.notices += outcome.notices

    @property
    def said(self) -> list[tuple[str, float]]:
        """What was told, at which minute."""
        return [(one.kind, _minute(one.at)) for one in self.notices]


def told(hours: str = "24/7", **keys: Any) -> Told:
    """An alert that pages whenever it fires, unless its rule says otherwise."""
    usual: dict[str, Any] = {"page": "always", "stale_after": timedelta(days=30)}
    return Told(Rule(NAME, **usual | keys), context(hours))


def _minute(moment: datetime) -> float:
    return round((moment - T0).total_seconds() / 60, 3)


class TextStore:
    """Keeps alerts as the text they are stored as, in memory."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.waiting: dict[str, str] = {}
        self.windows = "[]"
        self.passed: datetime | None = None
        self.transitions: list[Transition] = []
        self.notices: dict[str, Notice] = {}
        self.is_away = False

    def load(self) -> Kept:
        """What was committed."""
        return Kept(
            self.passed,
            tuple(record.state_of(text) for text in self.states.values()),
            {key: record.conditions_of(text) for key, text in self.waiting.items()},
            record.windows_of(self.windows),
        )

    def commit(self, decided: Decided) -> None:
        """All of it, unless it is away."""
        if self.is_away:
            raise ConnectionError("the store is away")
        for state in decided.gone:
            self.states.pop(state.id, None)
        for state in decided.states:
            self.states[state.id] = record.state_to_json(state)
        for key, waiting in decided.waiting.items():
            self.waiting[key] = record.conditions_to_json(waiting)
            if not waiting:
                del self.waiting[key]
        if decided.windows is not None:
            self.windows = record.windows_to_json(decided.windows)
        self.passed = decided.at
        self.transitions += decided.transitions
        for notice in decided.notices:
            assert notice.key not in self.notices
            self.notices[notice.key] = notice


class OneScene:
    """The same rules and promises for every station."""

    def __init__(self, rules: Iterable[Rule], where: Context | None = None) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self.where = where or context()
        self.gone: set[str] = set()

    def rules(self, _station: str) -> RuleOf:
        """By name."""
        return self._rules.__getitem__

    def context(self, key: str, windows: tuple[Window, ...]) -> Context | None:
        """The same place under another id."""
        if key in self.gone:
            return None
        return self._of(key, windows)

    def former(self, key: str) -> Context | None:
        """It was there as it is now."""
        return self._of(key, ())

    def _of(self, key: str, windows: tuple[Window, ...]) -> Context:
        return replace(self.where, station=replace(self.where.station, id=key), windows=windows)


def keys(states: Iterable[AlertState]) -> list[Key]:
    """Which alerts there are."""
    return sorted(state.key for state in states)
