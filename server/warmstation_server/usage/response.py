"""告警响应: how soon somebody took an alert on, and how soon it was over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

ACK_LIMIT = timedelta(minutes=30)
FIX_LIMIT = timedelta(hours=24)
"""What most cities ask for; both are printed with the figure."""


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


@dataclass(frozen=True, slots=True)
class Response:
    """`*_min`: medians in minutes of those that were; `*_within`: share within the limit of all
    whose limit is over or that were in time. None = no such alert."""

    alerts: int
    acknowledged: int
    resolved: int
    ack_min: float | None
    fix_min: float | None
    ack_within: float | None
    fix_within: float | None


NONE = Response(0, 0, 0, None, None, None, None)


def response(alarms: Iterable[Alarm], now: datetime) -> Response:
    """What these alerts say together."""
    found = list(alarms)
    if not found:
        return NONE
    acks = [(one.fired_at, one.acknowledged_at or one.resolved_at) for one in found]
    fixes = [(one.fired_at, one.resolved_at) for one in found]
    return Response(
        alerts=len(found),
        acknowledged=sum(one.acknowledged_at is not None for one in found),
        resolved=sum(one.resolved_at is not None for one in found),
        ack_min=_median_min((one.fired_at, one.acknowledged_at) for one in found),
        fix_min=_median_min(fixes),
        ack_within=_within(acks, ACK_LIMIT, now),
        fix_within=_within(fixes, FIX_LIMIT, now),
    )


def _median_min(spans: Iterable[tuple[datetime, datetime | None]]) -> float | None:
    minutes = [(end - start).total_seconds() / 60 for start, end in spans if end is not None]
    return median(minutes) if minutes else None


def _within(
    spans: list[tuple[datetime, datetime | None]], limit: timedelta, now: datetime
) -> float | None:
    """Those whose limit is not over yet count only where they were in time already."""
    judged = [(start, end) for start, end in spans if end is not None or now - start >= limit]
    if not judged:
        return None
    return sum(end is not None and end - start <= limit for start, end in judged) / len(judged)
