"""What late and backfilled conditions do: they correct the record, and tell nobody. Pure."""

from __future__ import annotations

from datetime import datetime

from warmstation_server.alerts.case import Case
from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.context import Context
from warmstation_server.alerts.level import is_wrong
from warmstation_server.alerts.rule import Rule
from warmstation_server.alerts.state import AlertState, Outcome, alert_id


def after_late(
    state: AlertState | None, rule: Rule, condition: Condition, context: Context, now: datetime
) -> Outcome:
    """The alert with its past corrected; a trouble that nobody knew of becomes one of the past."""
    wrong = is_wrong(rule, condition, before=state is not None and state.phase == "past")
    if wrong is None or (state is not None and state.phase == "resolved"):
        return Outcome(state)
    if state is None:
        return _discovered(rule, condition, context, now) if wrong else Outcome(None)
    case = Case(state, rule, context)
    if state.phase == "past":
        _continue(case, condition, now, wrong=wrong)
    else:
        _correct(case, condition, now, wrong=wrong)
    return case.outcome()


def closed_past(state: AlertState | None, rule: Rule, context: Context, now: datetime) -> Outcome:
    """Live evidence that all is fine ends a trouble of the past; a resolved one stays as it is."""
    if state is None or state.phase != "past":
        return Outcome(state)
    case = Case(state, rule, context)
    _close(case, now)
    return case.outcome()


def _discovered(rule: Rule, condition: Condition, context: Context, now: datetime) -> Outcome:
    began = condition.since or condition.at
    state = AlertState(
        station=condition.station,
        name=condition.name,
        subject=condition.subject,
        id=alert_id(condition.key, condition.at, condition.at, is_late=True),
        phase="past",
        since=began,
        severity=rule.severity,
        tier=rule.owner,
        last_at=condition.at,
        fresh_at=now,
        passed_at=now,
        value=condition.value,
        confidence=condition.confidence,
        evidence=condition.evidence,
        advice=condition.advice,
    )
    case = Case(state, rule, context)
    case.enter("late", condition.at, is_late=True)
    return case.outcome()


def _continue(case: Case, condition: Condition, now: datetime, *, wrong: bool) -> None:
    state = case.state
    began = condition.since or condition.at
    if wrong:
        case.to(
            last_at=max(state.last_at, condition.at), since=min(state.since, began), fresh_at=now
        )
    elif condition.at > state.last_at:
        _close(case, condition.at)


def _correct(case: Case, condition: Condition, now: datetime, *, wrong: bool) -> None:
    state = case.state
    if not wrong:
        fine_at = max(condition.at, state.last_fine_at or condition.at)
        case.to(last_fine_at=fine_at)
        return
    began = condition.since or condition.at
    is_the_same = state.last_fine_at is None or condition.at > state.last_fine_at
    if is_the_same and began < state.since:
        case.to(since=began)
        case.enter("corrected", now, is_late=True)


def _close(case: Case, at: datetime) -> None:
    case.to(phase="resolved", is_wrong=False, resolved_at=at)
    case.enter("resolved", at, is_late=True)
    case.is_over = True
