"""Open spans of a text, computed for blocks of 32 local days and kept.

Called by `posted` only. All times that leave this file are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from warmstation_server.hours.calendar import MAINLAND_ZONES
from warmstation_server.hours.syntax import for_day, halves

BLOCK_DAYS = 32
FIRST_YEAR, LAST_YEAR = 1900, 9990
"""What the library can evaluate; outside of it nothing is open."""

Span = tuple[datetime, datetime]
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def block_of(at: datetime, zone: ZoneInfo) -> int:
    """The number of the block that holds this moment."""
    return at.astimezone(zone).toordinal() // BLOCK_DAYS


def block_start(number: int, zone: ZoneInfo) -> datetime:
    """The local midnight that a block begins with."""
    return _midnight(date.fromordinal(number * BLOCK_DAYS), zone)


@lru_cache(maxsize=4096)
def block(text: str, zone: ZoneInfo, number: int) -> tuple[Span, ...]:
    """The open spans of one block, rising, apart from each other, cut at its ends."""
    days = [date.fromordinal(number * BLOCK_DAYS + n) for n in range(-1, BLOCK_DAYS)]
    if days[0].year < FIRST_YEAR or days[-1].year > LAST_YEAR:
        return ()
    start, end = block_start(number, zone), block_start(number + 1, zone)
    found = sorted(_opened_on(text, days, zone))
    return tuple(merged((max(a, start), min(b, end)) for a, b in found if b > start and a < end))


def merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Rising spans with those joined that touch or overlap."""
    last = next(spans, None)
    if last is None:
        return
    for span in spans:
        if span[0] <= last[1]:
            last = (last[0], max(last[1], span[1]))
        else:
            yield last
            last = span
    yield last


def without(spans: Iterable[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """What is left of rising spans where others, rising and apart, are taken away."""
    for start, end in spans:
        for from_, until in taken:
            if start < from_ < end:
                yield start, from_
            if from_ < end and until > start:
                start = max(start, until)
        if start < end:
            yield start, end


def _opened_on(text: str, days: list[date], zone: ZoneInfo) -> Iterator[Span]:
    """Spans that begin on these days, with their nights; days judged by one text go together."""
    has_holidays = zone.key in MAINLAND_ZONES
    for written, run in groupby(days, lambda day: for_day(text, day) if has_holidays else text):
        dates = list(run)
        evening, *morning = halves(written)
        yield from _open(evening, dates[0], dates[-1], zone)
        for part in morning:
            yield from _next_mornings(part, dates, zone)


def _next_mornings(text: str, dates: list[date], zone: ZoneInfo) -> Iterator[Span]:
    """What runs over midnight: evaluated on its own date in UTC, then moved to the next."""
    utc = ZoneInfo("UTC")
    for day in dates:
        for start, end in _open(text, day, day, utc):
            last = datetime.combine(day, time(23, 59), UTC)
            if start < last:
                yield _moved(start, zone), _moved(min(end, last), zone)


def _moved(at: datetime, zone: ZoneInfo) -> datetime:
    return (at + _DAY).replace(tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=1024)
def _parsed(text: str, zone: ZoneInfo) -> OpeningHours:
    return OpeningHours(text, timezone=zone, auto_country=False, auto_timezone=False)


def _open(text: str, first: date, last: date, zone: ZoneInfo) -> Iterator[Span]:
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(last + _DAY, time(), zone)
    for begin, finish, state, _ in _parsed(text, zone).intervals(start, end):
        if state == State.OPEN:
            yield begin.astimezone(UTC), finish.astimezone(UTC)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
