"""The server's clock was ahead and is set back: what was dated by it has not happened later. Pure.

Only moments that something is counted from are taken back; since when a trouble lasts stays as it
was told, for it may be this clock that is wrong.
"""

from __future__ import annotations

from datetime import datetime

from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.state import Acknowledgement, AlertState, changed

_COUNTED_FROM = (
    "last_at",
    "fresh_at",
    "passed_at",
    "pending_at",
    "fine_at",
    "last_fine_at",
    "noticed_at",
    "escalate_from",
)


def state_by(state: AlertState, now: datetime) -> AlertState:
    """The alert with no moment behind `now` that anything is counted from."""
    moments = {name: getattr(state, name) for name in _COUNTED_FROM}
    ahead: dict[str, object] = {
        name: now for name, moment in moments.items() if moment is not None and moment > now
    }
    if any(one > now for one in state.changes):
        ahead["changes"] = tuple(min(one, now) for one in state.changes)
    held = state.acknowledged
    if held is not None and held.at > now:
        ahead["acknowledged"] = Acknowledgement(held.by, now, now + (held.until - held.at))
    return changed(state, **ahead) if ahead else state


def condition_by(condition: Condition, now: datetime) -> Condition:
    """What was said, and not later than now."""
    return condition if condition.at <= now else condition._replace(at=now)
