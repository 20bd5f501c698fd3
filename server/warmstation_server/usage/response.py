"""告警响应: how soon somebody took an alert on, and how soon it was over. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median

ACK_LIMIT = timedelta(minutes=30)
FIX_LIMIT = timedelta(hours=24)
"""What most cities ask for; both are printed with the figure."""

KEPT = timedelta(days=1500)
"""So long after their end alerts are kept: three years, and the year they are compared with."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alert that fired, in event time. None: not yet, or never."""

    id: str
    station: str
    name: str
    severity: str
    fired_at: datetime
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    ack_s: float | None = field(init=False, repr=False, compare=False)
    fix_s: float | None = field(init=False, repr=False, compare=False)
    """How long each took: many lines of a table count the same alert."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "ack_s", _took_s(self.fired_at, self.acknowledged_at))
        object.__setattr__(self, "fix_s", _took_s(self.fired_at, self.resolved_at))


@dataclass(frozen=True, slots=True)
class Response:
    """`*_min`: medians in minutes of those that were; `*_within`: share within the limit of all
    whose limit is over or that were in time. None = no such alert. `is_known`: else the time is so
    long ago that its alerts are forgotten."""

    alerts: int
    acknowledged: int
    resolved: int
    ack_min: float | None
    fix_min: float | None
    ack_within: float | None
    fix_within: float | None
    is_known: bool = True


NONE = Response(0, 0, 0, None, None, None, None)
FORGOTTEN = replace(NONE, is_known=False)


def response(alarms: Iterable[Alarm], now: datetime, since: datetime | None = None) -> Response:
    """What these alerts say together, all that fired `since` then."""
    if since is not None and since < now - KEPT:
        return FORGOTTEN
    found = list(alarms)
    if not found:
        return NONE
    acks = [one.ack_s for one in found]
    fixes = [one.fix_s for one in found]
    answers = [fix if ack is None else ack for ack, fix in zip(acks, fixes, strict=True)]
    return Response(
        alerts=len(found),
        acknowledged=len(found) - acks.count(None),
        resolved=len(found) - fixes.count(None),
        ack_min=_median_min(acks),
        fix_min=_median_min(fixes),
        ack_within=_within(found, answers, ACK_LIMIT, now),
        fix_within=_within(found, fixes, FIX_LIMIT, now),
    )


def _took_s(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else (end - start).total_seconds()


def _median_min(took: Sequence[float | None]) -> float | None:
    known = [one for one in took if one is not None]
    return median(known) / 60 if known else None


def _within(
    found: Sequence[Alarm], took: Sequence[float | None], limit: timedelta, now: datetime
) -> float | None:
    """Those whose limit is not over yet count only where they were in time already."""
    latest, limit_s = now - limit, limit.total_seconds()
    late = [alarm.fired_at <= latest for alarm, one in zip(found, took, strict=True) if one is None]
    known = [one for one in took if one is not None]
    judged = len(known) + sum(late)
    return sum(one <= limit_s for one in known) / judged if judged else None
