"""All alerts of one station, moved on together: order of event time, and what hides what. Pure.

Within LATENESS, reports may come in any order: conditions wait that long and are then taken in the
order of their event time, with everything that falls due between them. Rules that act `at_once`
wait for nothing; they hide behind no other alert, so their order among others does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import NamedTuple

from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Context
from warmstation_server.alerts.lifecycle import after
from warmstation_server.alerts.rule import Rule
from warmstation_server.alerts.rules import RuleOf
from warmstation_server.alerts.state import AlertState, Key, Outcome, Transition
from warmstation_server.alerts.timers import next_due
from warmstation_server.notify.notice import Notice

LATENESS = timedelta(seconds=10)
"""Conditions of one station may overtake each other by this much and nothing changes."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_RANK = {False: 0, None: 1, True: 2}

States = Mapping[Key, AlertState]


class Turned(NamedTuple):
    """What a turn made of a station's alerts."""

    states: States
    transitions: tuple[Transition, ...] = ()
    notices: tuple[Notice, ...] = ()
    ended: tuple[AlertState, ...] = ()


def turned(
    states: States,
    conditions: Iterable[Condition],
    rule_of: RuleOf,
    context: Context,
    passed: datetime,
    now: datetime,
) -> Turned:
    """The alerts of one station at `now`; `passed`: how far it was decided before.

    Conditions must be due (`is_due`); what is older than `passed` counts as of then, and what
    came late as of now: a correction's date does not hang on when something was last committed.
    """
    docket = _Docket(dict(states), rule_of, context)
    given = sorted(conditions, key=order)
    at_once = [one for one in given if rule_of(one.name).at_once]
    waited = [one for one in given if not rule_of(one.name).at_once]
    docket.run(at_once, passed, now, at_once=True)
    docket.run(waited, passed - LATENESS, now - LATENESS, at_once=False)
    return Turned(
        docket.states, tuple(docket.transitions), tuple(docket.notices), tuple(docket.ended)
    )


def due_at(condition: Condition, rule: Rule) -> datetime:
    """When this condition can be taken: all that might have to come before it is here."""
    return condition.at if rule.at_once else condition.at + LATENESS


def order(condition: Condition) -> tuple[datetime, str, str, bool, int, float, datetime]:
    """Every shuffle of the same conditions is sorted to the same sequence; repeats are together."""
    return (
        condition.at,
        condition.name,
        condition.subject,
        condition.is_late,
        _RANK[condition.holds],
        -inf if condition.value is None else condition.value,
        condition.since or _EARLIEST,
    )


def next_turn(states: States, rule_of: RuleOf, context: Context) -> datetime | None:
    """When something falls due by the passing of time alone."""
    context = replace(context, firing=firing(states))
    turns = []
    for state in states.values():
        rule = rule_of(state.name)
        due = next_due(state, rule, context)
        if due is not None:
            turns.append(due[0] if rule.at_once else due[0] + LATENESS)
    return min(turns, default=None)


def firing(states: States) -> frozenset[tuple[str, str]]:
    """Conditions and subjects with a firing alert: what may hide others."""
    return frozenset(
        (state.name, state.subject) for state in states.values() if state.phase == "firing"
    )


class _Docket:
    def __init__(self, states: dict[Key, AlertState], rule_of: RuleOf, context: Context) -> None:
        self.states = states
        self.transitions: list[Transition] = []
        self.notices: list[Notice] = []
        self.ended: list[AlertState] = []
        self._rule_of = rule_of
        self._names = {key[1] for key in states}
        self._depths: dict[str, int] = {}
        self._context = replace(context, firing=firing(states))

    def run(
        self, conditions: list[Condition], passed: datetime, now: datetime, *, at_once: bool
    ) -> None:
        self._names |= {one.name for one in conditions}
        latest = max(now, passed)
        timed = [
            (latest if one.is_late else min(max(one.at, passed), latest), one) for one in conditions
        ]
        for at, condition in sorted(timed, key=lambda one: (one[0], self._depth(one[1].name))):
            self._advance(at, at_once=at_once)
            self._step(condition.key, condition, at)
        self._advance(now, at_once=at_once)
        for key, state in sorted(self.states.items(), key=lambda item: item[0]):
            if state.phase == "firing" and self._rule_of(state.name).at_once == at_once:
                self._step(key, None, max(now, passed))  # planned work may have been announced

    def _advance(self, until: datetime, *, at_once: bool) -> None:
        """Do what is due, alert by alert in the order of time: one may hide or free another."""
        while True:
            dues = [
                (due[0], self._depth(key[1]), key)
                for key, state in self.states.items()
                if self._rule_of(state.name).at_once == at_once
                and (due := next_due(state, self._rule_of(state.name), self._context)) is not None
                and due[0] <= until
            ]
            if not dues:
                return
            at, _, key = min(dues)
            self._step(key, None, at)

    def _depth(self, name: str) -> int:
        """Of what falls due in the same instant, what hides others goes before what it hides."""
        known = self._depths.get(name)
        if known is None:
            self._depths[name] = 0  # rules that hide each other end here
            above = [one for one in self._rule_of(name).inhibited_by if one in self._names]
            known = self._depths[name] = 1 + max(map(self._depth, above), default=-1)
        return known

    def _step(self, key: Key, condition: Condition | None, at: datetime) -> None:
        rule = self._rule_of(key[1])
        self._take(key, after(self.states.get(key), rule, condition, self._context, at))
        self._look_again(at, at_once=rule.at_once)

    def _look_again(self, at: datetime, *, at_once: bool) -> None:
        """Where another set of alerts fires than before, hidden ones may come out, or go in.

        Those that wait do so at their own time: this moment may lie ahead of it.
        """
        while (found := firing(self.states)) != self._context.firing:
            self._context = replace(self._context, firing=found)
            for key in sorted(self.states):
                rule = self._rule_of(key[1])
                if rule.inhibited_by and rule.at_once == at_once:
                    self._take(key, after(self.states[key], rule, None, self._context, at))

    def _take(self, key: Key, outcome: Outcome) -> None:
        self.transitions.extend(outcome.transitions)
        self.notices.extend(outcome.notices)
        if outcome.ended is not None:
            self.ended.append(outcome.ended)
        before = self.states.get(key)
        if before is not None and outcome.state is not None and before.id != outcome.state.id:
            self.ended.append(before)
        if outcome.state is None:
            self.states.pop(key, None)
        else:
            self.states[key] = outcome.state
