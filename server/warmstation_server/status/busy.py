"""The usual busy hours of a station: mean people inside by local hour of the day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from warmstation_server.history import Usage

SPAN = timedelta(days=28)
"""Four whole weeks: every weekday counts the same."""


def busy_hours(buckets: Iterable[Usage], zone: ZoneInfo) -> tuple[float | None, ...]:
    """24 means, weighted by the time that was measured; None = never measured."""
    person_s, measured_s = [0.0] * 24, [0.0] * 24
    for bucket in buckets:
        hour = bucket.start.astimezone(zone).hour
        person_s[hour] += bucket.people_s
        measured_s[hour] += bucket.people_measured_s
    pairs = zip(person_s, measured_s, strict=True)
    return tuple(people / time if time else None for people, time in pairs)
