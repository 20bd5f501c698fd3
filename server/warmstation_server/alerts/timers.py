"""When something about an alert is due by the passing of time alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from warmstation_server.alerts.context import Context
from warmstation_server.alerts.rule import Rule
from warmstation_server.alerts.state import AlertState

Timer = Literal[
    "acknowledgement",
    "silence",
    "maintenance",
    "hours",
    "raise",
    "clear",
    "steady",
    "stale",
    "escalate",
    "remind",
    "forget",
]
HOLD = timedelta(minutes=5)
SILENCE = timedelta(minutes=15)
"""A last word stands until somebody says that nobody can tell, which is said after SILENCE at most.
A word from before the server listened stands for HOLD, and again once SILENCE has passed.
"""
PAST_KEPT = timedelta(days=1)
"""A trouble known from late data alone is closed when nothing more came in for this long."""


def next_due(state: AlertState, rule: Rule, context: Context) -> tuple[datetime, Timer] | None:
    """What comes next, and when; None where only a condition or a person can change anything."""
    found = (
        (max(at, state.passed_at), order, timer)
        for order, (at, timer) in enumerate(_timers(state, rule, context))
    )
    earliest = min(found, default=None)
    return None if earliest is None else (earliest[0], earliest[2])


def _timers(state: AlertState, rule: Rule, context: Context) -> Iterator[tuple[datetime, Timer]]:
    if state.phase == "past":
        yield state.fresh_at + PAST_KEPT, "forget"
        return
    if state.acknowledged is not None:
        yield state.acknowledged.until, "acknowledgement"
    if state.silenced_until is not None:
        yield state.silenced_until, "silence"
    yield from _by_evidence(state, rule, context)
    yield from _by_calendar(state, rule, context)
    if state.phase == "firing":
        yield from _by_patience(state, rule, context)
    elif state.phase == "resolved" and state.owed is None and state.unheard is None:
        yield forgotten_at(state, rule), "forget"


def forgotten_at(state: AlertState, rule: Rule) -> datetime:
    """A resolved alert is remembered while its changes may still count as flapping, and while it
    would be silent if it came back."""
    last = state.resolved_at or state.last_at
    if rule.flapping is not None:
        last += rule.flapping.within
    return last if state.silenced_until is None else max(last, state.silenced_until)


def _by_evidence(
    state: AlertState, rule: Rule, context: Context
) -> Iterator[tuple[datetime, Timer]]:
    if state.pending_at is not None and not state.is_up:
        began = state.pending_at
        if rule.is_absence:
            began = max(began, context.watching_since)
        if state.is_known or rule.is_absence:
            yield _stands(state, rule, context, began + rule.pending_for), "raise"
    if state.fine_at is not None and state.is_up and (state.is_known or rule.is_absence):
        yield _stands(state, rule, context, state.fine_at + rule.keep_firing_for), "clear"
    can_age = not rule.is_absence and (state.is_wrong or not state.is_known)
    if state.phase == "firing" and not state.is_stale and can_age:
        yield state.fresh_at + rule.stale_after, "stale"
    if state.is_flapping and (state.is_up or state.pending_at is None):
        within = timedelta(0) if rule.flapping is None else rule.flapping.within
        yield max(state.changes, default=state.passed_at) + within, "steady"


def _stands(state: AlertState, rule: Rule, context: Context, due: datetime) -> datetime:
    is_heard = state.fresh_at >= context.watching_since or due <= state.fresh_at + HOLD
    return due if rule.is_absence or is_heard else max(due, context.watching_since + SILENCE)


def _by_calendar(
    state: AlertState, rule: Rule, context: Context
) -> Iterator[tuple[datetime, Timer]]:
    owes = state.owed is not None or state.unheard is not None
    waits = owes and rule.page == "open hours"
    if waits or (state.phase == "firing" and rule.severity_closed not in (None, rule.severity)):
        change = context.next_change(state.passed_at)
        if change is not None:
            yield change, "hours"
    if state.is_maintained:
        end = context.maintained_until(state.name, state.passed_at)
        yield end or state.passed_at, "maintenance"
    elif state.phase == "firing" and context.windows and not rule.at_once:
        start = context.maintained_from(state.name, state.passed_at)
        if start is not None:
            yield start, "maintenance"
    if state.resolved_at is not None and state.phase == "resolved" and state.owed is not None:
        # Somebody said so: nothing has been sent yet.
        due = _pageable(rule, context, max(state.resolved_at, state.passed_at))
        if due is not None:
            yield due, "hours"


def _by_patience(
    state: AlertState, rule: Rule, context: Context
) -> Iterator[tuple[datetime, Timer]]:
    if not _is_waiting_for_somebody(state) or rule.page == "never":
        return
    if state.escalate_from is not None and state.escalated < len(rule.escalate):
        due = state.escalate_from + rule.escalate[state.escalated].after
        paged = _pageable(rule, context, max(due, state.passed_at))
        if paged is not None:
            yield paged, "escalate"
    if state.noticed_at is not None and rule.remind is not None and state.owed is None:
        due = state.noticed_at + rule.remind
        paged = _pageable(rule, context, max(due, state.passed_at))
        if paged is not None:
            yield paged, "remind"


def _is_waiting_for_somebody(state: AlertState) -> bool:
    return (
        state.told_at is not None
        and state.acknowledged is None
        and state.silenced_until is None
        and state.inhibited_by is None
        and not state.is_maintained
        and not state.is_flapping
    )


def _pageable(rule: Rule, context: Context, at: datetime) -> datetime | None:
    return context.opening(at) if rule.page == "open hours" else at
