"""The time that a sensor covered, as a union of intervals: the same in any order of adding."""

from __future__ import annotations

from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]
Coverage = tuple[Interval, ...]
"""Rising, apart from each other."""

MAX_INTERVALS = 48
"""A station that stutters more than this keeps its newest intervals only."""


def with_interval(covered: Coverage, start: datetime, end: datetime) -> Coverage:
    """The union of what was covered and start..end."""
    if covered:
        first, last = covered[-1]
        if first <= start <= last:
            # Nearly every report only makes the newest interval longer.
            return covered if end <= last else (*covered[:-1], (first, end))
    before = [one for one in covered if one[1] < start]
    after = [one for one in covered if one[0] > end]
    touched = covered[len(before) : len(covered) - len(after)]
    if touched:
        start, end = min(start, touched[0][0]), max(end, touched[-1][1])
    return (*before, (start, end), *after)[-MAX_INTERVALS:]


def newest(covered: Coverage, length: timedelta) -> Coverage:
    """What lies in the last `length` of it."""
    if not covered:
        return covered
    start = covered[-1][1] - length
    if covered[0][0] >= start:
        return covered
    return tuple((max(first, start), last) for first, last in covered if last > start)


def covered_time(covered: Coverage, start: datetime, end: datetime) -> timedelta:
    """How much of start..end was covered."""
    spans = (min(end, last) - max(start, first) for first, last in covered)
    return sum((span for span in spans if span > timedelta(0)), timedelta(0))
