"""One station's promise over time: when it is open, in POSIX seconds. Recomputed, never saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from warmstation_server.hours import BadHours, Hours
from warmstation_server.places import Station

HOUR_S = 3600.0
WEEK_H = 168
_DAY_S = 86400.0
_MOMENT_H = 0.001
_AHEAD = timedelta(days=15)
_BACK = timedelta(days=8)
_MONDAY_H = 72
"""The epoch began on a Thursday."""

Spans = Sequence[tuple[float, float]]


class Place:
    """Posted hours around the last moment that was asked for; cheap while nothing changes.

    `opened_s`: since when it should be open, None while closed. `closed_s`: since when it is
    closed. `next_s`: when that changes. `ahead`: open spans of the next two weeks.
    """

    __slots__ = (
        "_begin_s",
        "_hours",
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
        self._hours = _hours(station)
        self._begin_s = self._until_s = 0.0
        self.opened_s: float | None = None
        self.closed_s: float | None = None
        self.next_s: float | None = None
        self.offset_s = 0.0
        self.ahead: Spans = ()

    @property
    def is_known(self) -> bool:
        """Whether the posted hours can be read."""
        return self._hours is not None

    def at(self, at_s: float) -> None:
        """Be at this moment."""
        if not self._begin_s <= at_s < self._until_s:
            self._move(at_s)

    def hour_of_week(self, at_s: float) -> int:
        """0 is Monday from midnight to one, local time."""
        return int((at_s + self.offset_s) // HOUR_S + _MONDAY_H) % WEEK_H

    def hour_begin(self, at_s: float) -> float:
        """When the local hour began."""
        return (at_s + self.offset_s) // HOUR_S * HOUR_S - self.offset_s

    def open_week(self, at_s: float) -> list[float]:
        """Share of each hour of the week that was posted open in the 168 hours before this one."""
        self.at(at_s)
        if self._hours is None:
            return [1.0] * WEEK_H
        return list(_open_week(self._hours.text, self._hours.zone, self.hour_begin(at_s)))

    def hours_now(self, at_s: float) -> tuple[float, float]:
        """Local hours of day of this opening, or of the next one; equal: it never closes.

        On a day without any, a moment at the hour of the next opening stands for "closed".
        """
        self.at(at_s)
        if self._hours is None or (self.opened_s is not None and self.next_s is None):
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

    def _spans(self, start_s: float, end_s: float) -> Spans:
        if self._hours is None:
            return ()
        start, end = datetime.fromtimestamp(start_s, UTC), datetime.fromtimestamp(end_s, UTC)
        return [(a.timestamp(), b.timestamp()) for a, b in self._hours.intervals(start, end)]

    def _move(self, at_s: float) -> None:
        at = datetime.fromtimestamp(at_s, UTC)
        zone = self._hours.zone if self._hours else ZoneInfo("UTC")
        offset = at.astimezone(zone).utcoffset()
        self.offset_s = offset.total_seconds() if offset else 0.0
        self._begin_s, self._until_s = at_s, at_s + _DAY_S
        if self._hours is None:
            return
        opened, change = self._hours.opened_at(at), self._hours.next_change(at)
        self.opened_s = opened.timestamp() if opened else None
        self.next_s = change.timestamp() if change else None
        self.closed_s = None
        if opened is None:
            before = list(self._hours.intervals(at - _BACK, at))
            self.closed_s = before[-1][1].timestamp() if before else None
        self.ahead = self._spans(self.hour_begin(at_s), (at + _AHEAD).timestamp())
        if self.next_s is not None:
            self._until_s = min(self._until_s, self.next_s)


def _hours(station: Station) -> Hours | None:
    try:
        return Hours(station.hours, station.zone)
    except BadHours:
        return None  # the roster has said so; what needs hours is then not judged


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
