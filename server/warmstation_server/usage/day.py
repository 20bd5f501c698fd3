"""A station's day: its hours, its promise, and what they add up to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from warmstation_server.history import Usage
from warmstation_server.places import Station
from warmstation_server.usage.kept import PostedHour, Word, words
from warmstation_server.usage.sums import ROOM_OFFSET_MC, Sums

HOUR = timedelta(hours=1)
MARGIN = timedelta(hours=8)
"""Hours beside the day that are looked at: a silence may begin before midnight, and takes up to
seven hours where only half of each is watched."""
GOOD_SHARE = 0.9
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Promise:
    """What a station has promised, as far as figures need it. `chargers`, `items`: how many."""

    seats: int = 0
    chargers: int = 0
    items: int = 0


@dataclass(frozen=True, slots=True)
class HourCount:
    """One hour: what was measured and what was made of it. The evidence behind every figure."""

    start: datetime
    usage: Usage
    posted_ms: int
    word: Word | None
    """None outside the posted hours."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """What a station's day adds up to. `heat`: visits, person-ms and measured ms by local hour."""

    sums: Sums
    heat: tuple[int, ...]


def promise_of(station: Station) -> Promise:
    """As far as figures need it."""
    chargers = sum(plan.count for plan in station.chargers)
    return Promise(station.capacity, chargers, len(station.supplies))


def bounds(day: date, zone: ZoneInfo) -> Span:
    """A local day in UTC."""
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    return start, datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def hours_of(
    span: Span, found: Mapping[datetime, Usage], posted: Sequence[Span], now: datetime
) -> list[HourCount]:
    """Every hour of a day until now; `found` and `posted` reach MARGIN beyond it."""
    start, end = span[0], min(span[1], now)
    counted = _posted(_starts(start - MARGIN, end + MARGIN), found, posted)
    known = dict(zip([at for at, _ in counted], words([hour for _, hour in counted]), strict=True))
    posted_ms = {at: hour.posted_ms for at, hour in counted}
    return [
        HourCount(at, found.get(at) or Usage(at), posted_ms.get(at, 0), known.get(at))
        for at in _starts(start, end)
    ]


def day_count(
    hours: Sequence[HourCount], promise: Promise, elapsed: timedelta, zone: ZoneInfo
) -> DayCount:
    """What a day's hours add up to. `elapsed`: from midnight to its end, or to now, as far as it
    was a station."""
    sums, heat = _zeros(), [0] * 72
    for hour in hours:
        _add_hour(sums, hour, promise)
        at = hour.start.astimezone(zone).hour
        usage = hour.usage
        heat[at] += usage.visits
        heat[24 + at] += _ms(usage.people_s)
        heat[48 + at] += _ms(usage.people_measured_s)
    _add_day(sums, promise, elapsed)
    return DayCount(Sums(**sums), tuple(heat))


def _zeros() -> dict[str, int]:
    return dict.fromkeys(Sums._fields, 0)


def _add_hour(sums: dict[str, int], hour: HourCount, promise: Promise) -> None:
    usage, posted = hour.usage, hour.posted_ms
    sums["posted_ms"] += posted
    if hour.word in ("open", "closed"):
        sums[f"{hour.word}_ms"] += min(posted, _ms(usage.watched_s))
    for name in ("reports", "visits", "exits", "sessions"):
        sums[name] += getattr(usage, name)
    for name, seconds in (
        ("measured_ms", usage.measured_s),
        ("counter_ms", usage.counter_s),
        ("people_ms", usage.people_s),
        ("people_measured_ms", usage.people_measured_s),
        ("full_ms", usage.full_s),
        ("full_known_ms", usage.full_measured_s),
        ("watched_ms", usage.watched_s),
        ("temp_ms", usage.temp_measured_s),
        ("warm_ms", usage.warm_s),
        ("target_ms", usage.target_s),
        ("heater_ms", usage.heater_measured_s),
        ("in_use_ms", usage.charger_in_use_s),
        ("serviceable_ms", usage.charger_serviceable_s),
        ("charger_ms", usage.charger_known_s),
        ("shelf_ms", usage.shelf_s),
        ("empty_ms", usage.empty_s),
    ):
        sums[name] += _ms(seconds)
    sums["room_mk_s"] += max(
        0, round(usage.room_c_s * 1000 + usage.temp_measured_s * ROOM_OFFSET_MC)
    )
    sums["heater_mwh"] += _ms(usage.heater_wh)
    sums["charger_mwh"] += _ms(usage.charger_wh)
    if posted:
        sums["seat_people_ms"] += _ms(usage.people_s)
        sums["seat_ms"] += promise.seats * _ms(usage.people_measured_s)


def _add_day(sums: dict[str, int], promise: Promise, lasted: timedelta) -> None:
    elapsed = round(lasted.total_seconds() * 1000)
    posted, counted = sums["posted_ms"], sums["counter_ms"]
    sums["days"], sums["elapsed_ms"] = 1, elapsed
    sums["charger_posted_ms"] = promise.chargers * elapsed
    sums["shelf_posted_ms"] = promise.items * posted
    sums["open_days"] = int(posted > 0)
    if posted and counted >= GOOD_SHARE * elapsed:
        sums["good_days"], sums["good_visits"] = 1, sums["visits"]
    if sums["heater_ms"] and counted:
        sums["metered_mwh"] = sums["heater_mwh"] + sums["charger_mwh"]
        sums["metered_visits"] = sums["visits"]


def _posted(
    starts: Sequence[datetime], found: Mapping[datetime, Usage], posted: Sequence[Span]
) -> list[tuple[datetime, PostedHour]]:
    result = []
    for at in starts:
        parts = [
            (number, _overlap_ms(span, at, at + HOUR))
            for number, span in enumerate(posted)
            if span[1] > at and span[0] < at + HOUR
        ]
        if parts:
            usage = found.get(at) or Usage(at)
            has_sign = bool(usage.signs or usage.visits or usage.exits)
            posted_ms = sum(ms for _, ms in parts)
            hour = PostedHour(posted_ms, _ms(usage.watched_s), has_sign, parts[-1][0])
            result.append((at, hour))
    return result


def _overlap_ms(span: Span, start: datetime, end: datetime) -> int:
    return round((min(span[1], end) - max(span[0], start)).total_seconds() * 1000)


def _starts(start: datetime, end: datetime) -> list[datetime]:
    """Beginnings of the UTC hours that begin in start..end."""
    first = start.replace(minute=0, second=0, microsecond=0)
    if first < start:
        first += HOUR
    return [first + n * HOUR for n in range(max(0, -(-(end - first) // HOUR)))]


def _ms(seconds: float) -> int:
    """Thousandths; after a change of layout a sum may be a hair below nothing."""
    return max(0, round(seconds * 1000))
