"""The promise of one station: a text of opening hours in a time zone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from warmstation_server.hours.spans import Span, block, block_of, merged
from warmstation_server.hours.syntax import BadHours, checked

LOOK_BACK = timedelta(days=7)
"""How far back an opening is followed: what has been open for longer counts as opened then."""
LOOK_AHEAD = timedelta(days=400)
"""How far ahead a change is looked for: a season that comes back every year is found."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time without change: true from `start` until `end`."""

    start: datetime
    end: datetime
    opened_at: datetime | None
    next_change: datetime | None


class Hours:
    """Opening hours in OpenStreetMap's syntax, with China's holidays and make-up workdays.

    `PH` means a statutory holiday of mainland China; a make-up workday follows the rules of a
    working day. Years without a published calendar follow the plain rules: `holidays_known`.
    Only "open" counts: unknown hours are not open. All methods take aware times, return UTC,
    and may be called from any thread. BadHours where the text or the zone is not valid.
    """

    __slots__ = ("_stretch", "text", "zone")

    def __init__(self, text: str, zone: str | ZoneInfo = "Asia/Shanghai") -> None:
        self.text = checked(text)
        self.zone = zone if isinstance(zone, ZoneInfo) else _zone(zone)
        self._stretch: _Stretch | None = None

    def __repr__(self) -> str:
        return f"Hours({self.text!r}, {self.zone.key!r})"

    def is_open(self, at: datetime) -> bool:
        """Whether the posted hours say open at this moment."""
        return self._at(at).opened_at is not None

    def opened_at(self, at: datetime) -> datetime | None:
        """When the current opening began, at most LOOK_BACK before today; None while closed."""
        return self._at(at).opened_at

    def next_change(self, at: datetime) -> datetime | None:
        """When it next opens or closes after this moment; None if not within LOOK_AHEAD."""
        return self._at(at).next_change

    def intervals(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The open spans between two moments, rising, cut at both."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        for opened, closed in merged(self._spans(start, end)):
            if closed > start and opened < end:
                yield max(opened, start), min(closed, end)

    def _at(self, at: datetime) -> _Stretch:
        stretch = self._stretch  # read once: another thread may put a new one in its place
        if stretch is None or not stretch.start <= at < stretch.end:
            stretch = self._beside(at) or self._find(at)
            self._stretch = stretch
        return stretch

    def _beside(self, at: datetime) -> _Stretch | None:
        """The stretch between two neighbours of one block: the common case, and a quick one."""
        if at.tzinfo is None:
            raise TypeError("a moment needs a time zone")
        spans = block(self.text, self.zone, block_of(at, self.zone))
        after = bisect_right(spans, at, key=itemgetter(0))
        if not 1 < after < len(spans):
            return None  # at the edge of the block, where a span may go on in the next one
        opened, closed = spans[after - 1]
        if at >= closed:
            return _Stretch(closed, spans[after][0], None, spans[after][0])
        return _Stretch(opened, closed, opened, closed) if closed - opened < LOOK_BACK else None

    def _find(self, at: datetime) -> _Stretch:
        horizon = at + LOOK_AHEAD
        earliest, tomorrow = self._midnight(at, -LOOK_BACK), self._midnight(at, timedelta(days=1))
        for opened, closed in self.intervals(earliest, horizon):
            if opened > at:
                return _Stretch(at, opened, None, opened)
            if closed > at:
                change = closed if closed < horizon else None
                end = closed if opened > earliest and change else min(closed, tomorrow)
                return _Stretch(at, end, opened, change)
        return _Stretch(at, tomorrow, None, None)

    def _midnight(self, at: datetime, away: timedelta) -> datetime:
        day = at.astimezone(self.zone).date() + away
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def _spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        for number in range(block_of(start, self.zone), block_of(end, self.zone) + 1):
            yield from block(self.text, self.zone, number)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadHours(name, "no time zone has this name (like Asia/Shanghai)") from None
