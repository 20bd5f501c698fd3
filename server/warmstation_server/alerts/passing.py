"""Does what is due, each thing at its own moment, in order. Pure; part of the lifecycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from warmstation_server.alerts.case import Case
from warmstation_server.alerts.settling import give_time, settle, told_anew
from warmstation_server.alerts.timers import Timer, next_due


def pass_time(case: Case, now: datetime) -> None:
    """Everything that is due up to `now`."""
    while not case.is_over:
        due = next_due(case.state, case.rule, case.context)
        if due is None or due[0] > now:
            return
        at, timer = due
        before = case.state
        settle(case, at)
        is_as_before = case.state == before
        case.to(passed_at=at)
        if not is_as_before:
            continue  # planned work or another alert came in between: look again, from here on
        _HANDLERS[timer](case, at)
        if not case.is_over:
            settle(case, at)


def _raise(case: Case, at: datetime) -> None:
    is_flapping = case.state.is_flapping
    case.to(is_up=True, pending_at=None, phase="firing", changes=_changes(case, at))
    if is_flapping:
        return
    severity = case.rule.severity_when(is_open=case.context.is_open(at))
    case.to(fired_at=at, owed="firing", severity=severity)
    flapping = case.rule.flapping
    if flapping is not None and len(case.state.changes) >= flapping.changes:
        case.to(is_flapping=True, owed="flapping")
        case.enter("flapping", at)
    else:
        case.enter("firing", at)


def _clear(case: Case, at: datetime) -> None:
    case.to(is_up=False, fine_at=None, changes=_changes(case, at))
    if not case.state.is_flapping:
        resolve(case, at)


def _steady(case: Case, at: datetime) -> None:
    is_up = case.state.is_up
    case.to(is_flapping=False)
    told = case.state.told_at is not None
    case.enter("steady", at)
    if is_up:
        # It was told as flapping, or still has to be told at all.
        case.to(owed="steady" if told else "firing")
    else:
        resolve(case, at)


def resolve(case: Case, at: datetime, *, by: str | None = None, note: str = "") -> None:
    """It is over: by evidence, or because somebody says so and why."""
    state = case.state
    was_told = state.told_at is not None and state.owed != "firing"
    if (
        by is not None or case.rule.at_once
    ):  # who ended it waits for no more; a new fire is no old one
        case.to(silenced_until=None, hush=None)
    case.to(
        phase="resolved",
        resolved_at=at,
        is_wrong=False,
        acknowledged=None,
        inhibited_by=None,
        is_maintained=False,
        is_stale=False,
        owed="resolved" if was_told else None,
    )
    case.enter("resolved", at, by=by, note=note)


def _stale(case: Case, at: datetime) -> None:
    is_told = case.state.told_at is not None and case.state.owed is None
    case.to(is_stale=True)
    if is_told:
        case.to(owed="stale")
    case.enter("stale", at)


def _acknowledgement(case: Case, at: datetime) -> None:
    case.to(acknowledged=None)
    give_time(case, at)
    if case.state.phase == "firing":
        case.to(owed=told_anew(case.state, "reminder"))
    case.enter("acknowledgement_expired", at)


def _silence(case: Case, at: datetime) -> None:
    case.to(silenced_until=None, hush=None)
    give_time(case, at)
    if case.state.phase == "firing" and case.state.acknowledged is None:
        is_told = case.state.told_at is not None
        case.to(owed=told_anew(case.state, "still_firing" if is_told else "firing"))
    case.enter("silence_expired", at)


def _escalate(case: Case, at: datetime) -> None:
    step = case.rule.escalate[case.state.escalated]
    before = case.context.told(case.state.tier)
    case.to(escalated=case.state.escalated + 1, tier=step.to)
    if case.context.told(step.to) == before:
        return  # the level is missing here: the same people would hear it again
    case.enter("escalated", at, note=step.to)
    case.tell("escalated", at)


def _remind(case: Case, at: datetime) -> None:
    case.enter("reminded", at)
    case.tell("reminder", at)


def _forget(case: Case, at: datetime) -> None:
    if case.state.phase == "past":
        case.to(phase="resolved", is_wrong=False, resolved_at=case.state.last_at)
        case.enter("resolved", at, is_late=True)
    case.is_over = True


def _look(_case: Case, _at: datetime) -> None:
    """Hours or planned work have changed: `settle` does the rest."""


def _changes(case: Case, at: datetime) -> tuple[datetime, ...]:
    flapping = case.rule.flapping
    if flapping is None:
        return ()
    recent = tuple(one for one in case.state.changes if one > at - flapping.within)
    return (*recent, at)[-2 * flapping.changes :]


_HANDLERS: Mapping[Timer, Callable[[Case, datetime], None]] = {
    "acknowledgement": _acknowledgement,
    "silence": _silence,
    "maintenance": _look,
    "hours": _look,
    "raise": _raise,
    "clear": _clear,
    "steady": _steady,
    "stale": _stale,
    "escalate": _escalate,
    "remind": _remind,
    "forget": _forget,
}
