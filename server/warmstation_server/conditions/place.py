"""One station's promise over time: when it is open, in POSIX seconds. Recomputed, never saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from warmstation_server.hours import BadHours, Hours
from warmstation_server.places import Station

HOUR_S = 3600.0
WEEK_H = 168
_DAY_S = 86400.0
_MOMENT_H = 0.001
_AHEAD = timedelta(days=15)
_BACK = timedelta(days=15)
"""The longest holiday closes a house for nine days, and weekends lie beside it."""
_MONDAY_H = 72
"""The epoch began on a Thursday."""

Spans = Sequence[tuple[float, float]]


class _Stretch(NamedTuple):
    """What holds from `begin_s` until `until_s`; the rest as in Place."""

    begin_s: float
    until_s: float
    opened_s: float | None
    closed_s: float | None
    next_s: float | None
    offset_s: float
    ahead: Spans


class _Posted:
    """Posted hours of all stations that have the same: a city asks in the same minute."""

    __slots__ = ("_stretch", "hours", "zone")

    def __init__(self, hours: Hours | None) -> None:
        self.hours = hours
        self.zone = ZoneInfo("UTC") if hours is None else hours.zone
        self._stretch: _Stretch | None = None

    def stretch(self, at_s: float) -> _Stretch:
        """What holds at this moment."""
        known = self._stretch  # read once: another thread may put a new one in its place
        if known is None or not known.begin_s <= at_s < known.until_s:
            known = self._stretch = self._found(at_s)
        return known

    def _found(self, at_s: float) -> _Stretch:
        at, offset_s = datetime.fromtimestamp(at_s, UTC), self._offset_s(at_s)
        until_s = self._same_offset_until(at_s, at_s + _DAY_S)
        if self.hours is None:
            return _Stretch(at_s, until_s, None, None, None, offset_s, ())
        opened, change = self.hours.opened_at(at), self.hours.next_change(at)
        closed_s = None
        if opened is None:
            before = self._spans(at - _BACK, at)
            closed_s = before[-1][1] if before else None
        begin = datetime.fromtimestamp(_hour_begin(at_s, offset_s), UTC)
        return _Stretch(
            at_s,
            until_s if change is None else min(until_s, change.timestamp()),
            opened.timestamp() if opened else None,
            closed_s,
            change.timestamp() if change else None,
            offset_s,
            self._spans(begin, at + _AHEAD),
        )

    def _offset_s(self, at_s: float) -> float:
        offset = datetime.fromtimestamp(at_s, UTC).astimezone(self.zone).utcoffset()
        return offset.total_seconds() if offset else 0.0

    def _same_offset_until(self, at_s: float, until_s: float) -> float:
        """`until_s`, or the second of the day at which the clocks are set to another one."""
        offset_s = self._offset_s(at_s)
        if self._offset_s(until_s) == offset_s:
            return until_s
        while until_s - at_s > 1.0:
            middle_s = (at_s + until_s) // 2.0
            if self._offset_s(middle_s) == offset_s:
                at_s = middle_s
            else:
                until_s = middle_s
        return until_s // 1.0

    def _spans(self, start: datetime, end: datetime) -> Spans:
        if self.hours is None:
            return ()
        return [(a.timestamp(), b.timestamp()) for a, b in self.hours.intervals(start, end)]


class Place:
    """Posted hours around the last moment that was asked for; cheap while nothing changes.

    `opened_s`: since when it should be open, None while closed. `closed_s`: since when it is
    closed. `next_s`: when that changes. `ahead`: open spans of the next two weeks.
    """

    __slots__ = (
        "_begin_s",
        "_posted",
        "_until_s",
        "ahead",
        "closed_s",
        "next_s",
        "offset_s",
        "opened_s",
        "station",
    )

    def __init__(self, station: Station) -> None:
        self.station = station
        self._posted = _posted(station.hours, station.zone)
        self._begin_s = self._until_s = 0.0
        self.opened_s: float | None = None
        self.closed_s: float | None = None
        self.next_s: float | None = None
        self.offset_s = 0.0
        self.ahead: Spans = ()

    @property
    def is_known(self) -> bool:
        """Whether the posted hours can be read."""
        return self._posted.hours is not None

    def at(self, at_s: float) -> None:
        """Be at this moment."""
        if not self._begin_s <= at_s < self._until_s:
            self._move(at_s)

    def hour_of_week(self, at_s: float) -> int:
        """0 is Monday from midnight to one, local time."""
        return int((at_s + self.offset_s) // HOUR_S + _MONDAY_H) % WEEK_H

    def hour_begin(self, at_s: float) -> float:
        """When the local hour began."""
        return _hour_begin(at_s, self.offset_s)

    def open_week(self, at_s: float) -> tuple[float, ...]:
        """Share of each hour of the week that was posted open in the 168 hours before this one."""
        self.at(at_s)
        hours = self._posted.hours
        if hours is None:
            return _ALWAYS
        return _open_week(hours.text, hours.zone, self.hour_begin(at_s))

    def hours_now(self, at_s: float) -> tuple[float, float]:
        """Local hours of day of this opening, or of the next one; equal: it never closes.

        On a day without any, a moment at the hour of the next opening stands for "closed".
        """
        self.at(at_s)
        if not self.is_known or (self.opened_s is not None and self.next_s is None):
            return 0.0, 0.0
        opened_s, closed_s = self.opened_s, self.next_s
        if opened_s is None:
            opened_s, closed_s = next((one for one in self.ahead if one[0] > at_s), (at_s, at_s))
        if closed_s is None or closed_s - opened_s >= _DAY_S:
            return 0.0, 0.0
        open_h = self.hour_of_day(opened_s)
        length_h = (closed_s - opened_s) / HOUR_S
        if self.opened_s is None and (self.hour_of_day(at_s) - open_h) % 24.0 < length_h:
            length_h = _MOMENT_H
        return open_h, (open_h + length_h) % 24.0

    def hour_of_day(self, at_s: float) -> float:
        """Local, 0 to 24."""
        return (at_s + self.offset_s) / HOUR_S % 24.0

    def _move(self, at_s: float) -> None:
        (
            self._begin_s,
            self._until_s,
            self.opened_s,
            self.closed_s,
            self.next_s,
            self.offset_s,
            self.ahead,
        ) = self._posted.stretch(at_s)


def _hour_begin(at_s: float, offset_s: float) -> float:
    return (at_s + offset_s) // HOUR_S * HOUR_S - offset_s


@lru_cache(maxsize=4096)
def _posted(text: str, zone: str) -> _Posted:
    try:
        return _Posted(Hours(text, zone))
    except BadHours:
        return _Posted(None)  # the roster has said so; what needs hours is then not judged


_ALWAYS = (1.0,) * WEEK_H


@lru_cache(maxsize=4096)
def _open_week(text: str, zone: ZoneInfo, end_s: float) -> tuple[float, ...]:
    """Of all stations with these hours; when a city comes back they all ask in one minute."""
    end = datetime.fromtimestamp(end_s, UTC)
    offset = end.astimezone(zone).utcoffset() or timedelta(0)
    offset_s, shares = offset.total_seconds(), [0.0] * WEEK_H
    for opened, closed in Hours(text, zone).intervals(end - timedelta(hours=WEEK_H), end):
        start_s, stop_s = opened.timestamp() + offset_s, closed.timestamp() + offset_s
        while start_s < stop_s:
            hour_h = start_s // HOUR_S
            next_s = min(stop_s, (hour_h + 1.0) * HOUR_S)
            shares[int(hour_h + _MONDAY_H) % WEEK_H] += (next_s - start_s) / HOUR_S
            start_s = next_s
    return tuple(min(1.0, share) for share in shares)
