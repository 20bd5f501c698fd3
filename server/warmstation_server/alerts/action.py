"""What people do with an alert: take it on, hush it, hand it over, say something. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from warmstation_server.alerts.case import Case
from warmstation_server.alerts.context import Context
from warmstation_server.alerts.passing import resolve
from warmstation_server.alerts.rule import Rule
from warmstation_server.alerts.state import Acknowledgement, AlertState, Hush, Outcome
from warmstation_server.alerts.words import taken_on


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Somebody is at it; holds for `lasting`, or as long as the rule says."""

    by: str
    note: str = ""
    lasting: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody is told about this trouble until then, also where it ends and returns before; a past
    moment ends a silence. What grows graver is told once all the same."""

    by: str
    until: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Assign:
    """Hand it to somebody."""

    by: str
    to: str


@dataclass(frozen=True, slots=True)
class Comment:
    """Say something about it."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """It is over, and this was the cause. Where evidence says otherwise it begins anew."""

    by: str
    cause: str


Action = Acknowledge | Silence | Assign | Comment | Resolve


def acted(
    state: AlertState, rule: Rule, action: Action, context: Context, now: datetime
) -> Outcome:
    """The alert after somebody did something; nothing where there is nothing to do it to."""
    case = Case(state, rule, context)
    match action:
        case Acknowledge() if state.phase == "firing":
            until = now + (action.lasting or rule.acknowledge_for)
            case.to(acknowledged=Acknowledgement(action.by, now, until), owed=None)
            case.enter("acknowledged", now, by=action.by, note=action.note)
            if state.escalated and state.acknowledged is None:
                # Others were sent for: they need not go.
                case.tell("acknowledged", now, taken_on(action.by))
        case Silence() if state.phase in ("pending", "firing") or state.silenced_until is not None:
            hush = Hush(action.by, action.note, state.severity)
            case.to(silenced_until=max(action.until, now), hush=hush)
            case.enter("silenced", now, by=action.by, note=action.note)
        case Resolve() if state.phase == "firing":
            case.to(is_up=False, is_flapping=False, pending_at=None, fine_at=None)
            resolve(case, now, by=action.by, note=action.cause)
        case Assign():
            case.to(assignee=action.to)
            case.enter("assigned", now, by=action.by, note=action.to)
        case Comment():
            case.enter("commented", now, by=action.by, note=action.text)
    # Nothing is settled here: a person acts now, while conditions are decided a little behind.
    return case.outcome()
