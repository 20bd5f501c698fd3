"""The life of one alert: what a condition, a person, or the passing of time makes of it.

Pure: the same code decides live, in rule tests and in backtests. `after` is called with conditions
in the order of event time (see `docket`); `now` is the event time reached.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from warmstation_server.alerts.case import Case
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Context
from warmstation_server.alerts.late import after_late, closed_past
from warmstation_server.alerts.level import is_wrong
from warmstation_server.alerts.passing import pass_time
from warmstation_server.alerts.rule import Rule
from warmstation_server.alerts.settling import settle
from warmstation_server.alerts.state import AlertState, Outcome, alert_id
from warmstation_server.notify.notice import Notice


def after(
    state: AlertState | None,
    rule: Rule,
    condition: Condition | None,
    context: Context,
    now: datetime,
) -> Outcome:
    """The alert at `now`, everything that was due by then done, with one more condition if any."""
    first = Outcome(state)
    if state is not None:
        first = _passed(state, rule, context, now)
    if condition is None:
        return first
    if condition.is_late or _is_overtaken(first.state, condition):
        second = after_late(first.state, rule, condition, context, now)
    else:
        second = _taken(first.state, rule, condition, context, now)
    return Outcome(
        second.state,
        first.transitions + second.transitions,
        first.notices + second.notices,
        second.ended or first.ended,
    )


def _is_overtaken(state: AlertState | None, condition: Condition) -> bool:
    return state is not None and condition.at < state.last_at


def _passed(state: AlertState, rule: Rule, context: Context, now: datetime) -> Outcome:
    now = max(now, state.passed_at)  # another alert's moment may lie before its own
    case = Case(state, rule, context)
    pass_time(case, now)
    if not case.is_over:
        before = case.state
        settle(case, now)
        if case.state != before:  # what began now ends after now
            case.to(passed_at=now)
    return case.outcome()


def _taken(
    state: AlertState | None, rule: Rule, condition: Condition, context: Context, now: datetime
) -> Outcome:
    # What is known from late data alone tips no scales: it would page.
    is_open = state is not None and state.phase in ("pending", "firing")
    wrong = is_wrong(rule, condition, before=is_open and state is not None and state.is_wrong)
    if wrong is None:
        return Outcome(_unknown(state, condition))
    if state is None or state.phase in ("past", "resolved"):
        if not wrong:
            return closed_past(state, rule, context, now)
        state = _begun(state, rule, condition, context, now)
        case = Case(state, rule, context)
        case.enter("pending", now)
        if state.hush is not None:
            case.enter("silenced", now, by=state.hush.by, note=state.hush.why)
    else:
        case = Case(state, rule, context)
        _heed(case, condition, now, wrong=wrong)
    if not case.is_over:
        pass_time(case, now)
    if not case.is_over:
        settle(case, now)
    return case.outcome()


def _unknown(state: AlertState | None, condition: Condition) -> AlertState | None:
    """Nobody can tell: nothing resolves on what was said before."""
    if state is None or condition.holds is not None:
        return state
    return replace(state, is_known=False, fine_at=None)


def _begun(
    before: AlertState | None, rule: Rule, condition: Condition, context: Context, now: datetime
) -> AlertState:
    since = condition.since or condition.at
    is_known_longer = before is not None and before.phase == "past" and before.is_wrong
    is_silent = before is not None and (before.silenced_until or now) > now
    if before is not None and is_known_longer:
        since = min(since, before.since)
    return AlertState(
        station=condition.station,
        name=condition.name,
        subject=condition.subject,
        id=(
            before.id
            if before is not None and is_known_longer
            else alert_id(condition.key, now, condition.at)
        ),
        entries=before.entries if before is not None and is_known_longer else 0,
        phase="pending",
        was_past=is_known_longer,
        since=since,
        severity=rule.severity_when(is_open=context.is_open(now)),
        tier=rule.owner,
        last_at=condition.at,
        fresh_at=now,
        passed_at=now,
        pending_at=now,
        value=condition.value,
        confidence=condition.confidence,
        evidence=condition.evidence,
        advice=condition.advice,
        changes=before.changes if before is not None else (),
        silenced_until=before.silenced_until if before is not None and is_silent else None,
        hush=before.hush if before is not None and is_silent else None,
        unheard=None if before is None else _unheard(before, rule, context),
    )


def _unheard(before: AlertState, rule: Rule, context: Context) -> Notice | None:
    """The end of the alert before, where it waits for opening: it is told though it is back."""
    if before.owed != "resolved":
        return before.unheard
    case = Case(before, rule, context)
    case.tell("resolved", before.passed_at)
    return case.outcome().notices[-1]


def _heed(case: Case, condition: Condition, now: datetime, *, wrong: bool) -> None:
    """Fresh evidence about an alert that is open."""
    case.to(last_at=condition.at, fresh_at=now, passed_at=now)
    case.to(is_wrong=wrong, is_known=True)
    case.to(value=condition.value)
    if case.state.is_stale:
        case.to(is_stale=False, owed=None if case.state.owed == "stale" else case.state.owed)
        case.enter("fresh", now)
    if wrong:
        _worsen(case, condition, now)
    else:
        _ease(case, now)


def _worsen(case: Case, condition: Condition, now: datetime) -> None:
    case.to(fine_at=None, confidence=condition.confidence, evidence=condition.evidence)
    case.to(advice=condition.advice or case.state.advice)
    if condition.since is not None and condition.since < case.state.since:
        case.to(since=condition.since)
    if not case.state.is_up and case.state.pending_at is None:
        case.to(pending_at=now)


def _ease(case: Case, now: datetime) -> None:
    case.to(pending_at=None, last_fine_at=now)
    if case.state.phase == "pending" and case.state.was_past:
        case.to(phase="resolved", resolved_at=now)
        case.enter("resolved", now, is_late=True)  # it was there before, and nobody knew
        case.is_over = not case.state.changes and _is_forgettable(case.state)
    elif case.state.phase == "pending":
        case.to(phase="resolved")
        case.enter("dropped", now)
        case.is_over = not case.state.changes and _is_forgettable(case.state)
    elif case.state.is_up and case.state.fine_at is None:
        case.to(fine_at=now)


def _is_forgettable(state: AlertState) -> bool:
    return state.silenced_until is None and state.unheard is None
