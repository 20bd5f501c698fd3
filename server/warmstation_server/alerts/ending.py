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
    is_owed = state.phase == "firing" or state.owed == "resolved"
    if was is None or state.told_at is None or not is_owed:
        return Outcome(None, transitions, ended=ended)
    case = Case(ended, rule, was)
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
