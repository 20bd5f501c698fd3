"""The end of what is at no station any more, because the station was retired or removed. Pure."""

from __future__ import annotations

from datetime import datetime

from warmstation_server.alerts.case import Case
from warmstation_server.alerts.context import Context
from warmstation_server.alerts.rule import Rule
from warmstation_server.alerts.state import (
    NO_STATION,
    AlertState,
    Outcome,
    Transition,
    changed,
    entry,
)


def withdrawn(state: AlertState, rule: Rule, was: Context | None, now: datetime) -> Outcome:
    """Over, and why; whoever was told of it hears that, where it is still known who that is.

    `was`: the station as it was last; None where it was removed, as what nothing is kept of is.
    """
    ended = state
    transitions: tuple[Transition, ...] = ()
    if state.phase == "firing":
        ended = _without_station(state, now)
        transitions = (entry(ended, "resolved", now, note=NO_STATION),)
    if was is None:
        return Outcome(None, transitions, ended=ended)
    case = Case(ended, rule, was)
    if state.unheard is not None:
        case.tell_kept(state.unheard, now)
    if state.told_at is not None and (state.phase == "firing" or state.owed == "resolved"):
        case.tell("withdrawn" if state.phase == "firing" else "resolved", now)
    return Outcome(None, transitions, case.outcome().notices, case.state)


def _without_station(state: AlertState, now: datetime) -> AlertState:
    return changed(
        state,
        phase="resolved",
        resolved_at=now,
        is_wrong=False,
        is_up=False,
        is_flapping=False,
        is_stale=False,
        is_maintained=False,
        acknowledged=None,
        silenced_until=None,
        hush=None,
        inhibited_by=None,
        pending_at=None,
        fine_at=None,
        owed=None,
        entries=state.entries + 1,
    )
