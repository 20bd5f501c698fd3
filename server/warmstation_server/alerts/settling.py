"""Brings an alert in line with hours, inhibition and planned work, and sends what is owed. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from warmstation_server.alerts.case import Case
from warmstation_server.alerts.rule import is_worse
from warmstation_server.alerts.state import AlertState
from warmstation_server.alerts.words import graver_than_silenced
from warmstation_server.notify.notice import NoticeKind
from warmstation_server.places import Text

_LOUD = frozenset({"firing", "still_firing", "severity_up", "reminder", "flapping"})
"""Notices that say: something is wrong and nobody is at it. They wait; the others are left out."""

_GRADES = frozenset({"severity_up", "severity_down"})
_ANEW = frozenset({"still_firing", "reminder"})
"""After a silence, planned work or an acknowledgement: its tier has its time again from then on."""


def settle(case: Case, at: datetime) -> None:
    """Apply what the context says at this moment; then page, wait, or let go."""
    if case.state.phase == "firing":
        _grade(case, at)
        _inhibit(case, at)
        _maintain(case, at)
    _send(case, at)


def give_time(case: Case, at: datetime) -> None:
    """From now on this tier could do something: the next one waits its time again."""
    done = case.rule.escalate[: case.state.escalated]  # the rule may have had more steps then
    if case.state.escalate_from is not None:
        case.to(escalate_from=at - (done[-1].after if done else timedelta(0)))


def told_anew(state: AlertState, kind: NoticeKind) -> NoticeKind:
    """What is told once a hush is over, of this kind where it does not come and go."""
    return "flapping" if state.is_flapping else kind


def _grade(case: Case, at: datetime) -> None:
    state = case.state
    wanted = case.rule.severity_when(is_open=case.context.is_open(at))
    if wanted == state.severity:
        return
    kind = "severity_up" if is_worse(wanted, state.severity) else "severity_down"
    case.to(severity=wanted)
    if state.told_at is not None and state.owed is None:
        case.to(owed=kind)
    elif state.owed in _GRADES and state.owed != kind:
        case.to(owed=None)  # it is again as bad as it was told last
    case.enter("severity_up" if kind == "severity_up" else "severity_down", at)


def _inhibit(case: Case, at: datetime) -> None:
    hides = case.context.hides
    names = case.rule.inhibited_by
    found = next((name for name in names if hides(name, case.state.subject)), None)
    before = case.state.inhibited_by
    if found == before:
        return
    case.to(inhibited_by=found)
    if found is not None and before is None:
        case.enter("inhibited", at, note=found)
    elif found is None:
        give_time(case, at)
        case.enter("uninhibited", at, note=before or "")


def _maintain(case: Case, at: datetime) -> None:
    # No work is planned so well that nobody need be told of smoke.
    is_on = not case.rule.at_once and case.context.maintained_until(case.state.name, at) is not None
    if is_on and not case.state.is_maintained:
        case.to(is_maintained=True)
    elif case.state.is_maintained and not is_on:
        give_time(case, at)
        owed = None if case.state.acknowledged else told_anew(case.state, "still_firing")
        case.to(is_maintained=False, owed=owed)


def _send(case: Case, at: datetime) -> None:
    state, rule = case.state, case.rule
    if state.unheard is not None and rule.page == "never":
        case.to(unheard=None)
    elif state.unheard is not None and _is_time(case, at):
        case.tell_kept(state.unheard, at)
    if state.owed is None:
        return
    if state.owed not in _LOUD and (rule.page == "never" or _is_hushed(case)):
        case.to(owed=None)
    elif not _is_hushed(case) and not _is_too_old(case) and _is_time(case, at):
        if state.owed in _ANEW:
            give_time(case, at)
        case.tell(state.owed, at, beside=_broken(state))
        if state.hush is not None:
            case.to(hush=replace(state.hush, severity=state.severity))


def _is_hushed(case: Case) -> bool:
    state = case.state
    return state.owed != "resolved" and (
        (state.silenced_until is not None and not _is_graver(state))
        or state.inhibited_by is not None
        or state.is_maintained
        or (state.is_flapping and state.owed not in ("flapping", "steady"))
        or (state.acknowledged is not None and state.owed != "severity_up")
    )


def _is_graver(state: AlertState) -> bool:
    """Whether it is graver than what was silenced."""
    return state.hush is not None and is_worse(state.severity, state.hush.severity)


def _broken(state: AlertState) -> Text | None:
    """Why this is told in a silence."""
    if state.hush is None or state.owed == "resolved" or not _is_graver(state):
        return None
    return graver_than_silenced(state.hush.by)


def _is_too_old(case: Case) -> bool:
    """Nobody is woken by what may long be over: it waits for fresh evidence."""
    return case.state.is_stale and case.state.owed in _LOUD - {"reminder"}


def _is_time(case: Case, at: datetime) -> bool:
    page = case.rule.page
    return page == "always" or (page == "open hours" and case.context.is_open(at))
