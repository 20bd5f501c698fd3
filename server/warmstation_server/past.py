"""What a station had promised before its promise was changed: change by change, taken back. Pure.

A day is judged by the hours that were posted on it, whatever was posted since, and counts to the
region in which the station stood. The changes are those of the audit log, which nobody can alter;
before the first one the promise was the same. While a station was retired it promised nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from warmstation_server.places import ChargerPlan, Station

_AS_THEY_ARE = ("hours", "zone", "capacity")
_DAY = timedelta(days=1)
_FAR = datetime.max.replace(tzinfo=UTC)
Span = tuple[datetime, datetime]
_CHARGERS = {"phone_chargers": "phone", "ebike_chargers": "ebike"}
PROMISES = frozenset({*_AS_THEY_ARE, *_CHARGERS, "supplies", "region"})
"""Columns of an import in which figures see a promise, and where it was made."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """At this moment a station changed; `before`: what its changed columns had said until then."""

    number: int
    station: str
    at: datetime
    before: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """A station ended, or is one again, since `at`."""

    number: int
    station: str
    at: datetime
    is_end: bool


class Past:
    """All changes of all stations."""

    def __init__(self, amendments: Iterable[Amendment] = (), turns: Iterable[Turn] = ()) -> None:
        self._breaks = _breaks(turns)
        self._newest_first: dict[str, tuple[Amendment, ...]] = {}
        for one in sorted(amendments, key=lambda one: one.number):
            known = self._newest_first.get(one.station, ())
            self._newest_first[one.station] = (one, *known)

    def then(self, station: Station, at: datetime) -> Station:
        """The station as it was at a moment."""
        for one in self._newest_first.get(station.id, ()):
            if one.at <= at:
                break
            station = _before(station, one)
        return station

    def moments(self, start: datetime, end: datetime) -> list[datetime]:
        """When anything changed in this time, rising."""
        every = (one.at for changes in self._newest_first.values() for one in changes)
        return sorted({at for at in every if start < at <= end})

    def moves(self, station: str) -> tuple[datetime, ...]:
        """When it moved to another region, rising."""
        found = self._newest_first.get(station, ())
        return tuple(sorted(one.at for one in found if "region" in one.before))

    def breaks(self, station: str) -> tuple[Span, ...]:
        """From when until when it was none, rising; the last may have no end that is near."""
        return self._breaks.get(station, ())

    def is_none(self, station: str, at: datetime) -> bool:
        """Whether it was no station at a moment."""
        return any(start <= at < end for start, end in self._breaks.get(station, ()))

    def stretches(
        self, station: Station, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime, Station]]:
        """From when until when it was as it was, rising, from `start` to `end`."""
        moments = {one.at for one in self._newest_first.get(station.id, ()) if start < one.at < end}
        edges = [start, *sorted(moments), end]
        for begin, stop in pairwise(edges):
            yield begin, stop, self.then(station, begin)


def ended_at(last_day: date, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The moment at which a last day is over, or now on that day; None for a day to come."""
    today = now.astimezone(zone).date()
    return None if last_day > today else min(now, _midnight(last_day + _DAY, zone))


def began_at(first_day: date, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The moment at which a first day begins, or now on that day; None for a day to come."""
    today = now.astimezone(zone).date()
    if first_day > today:
        return None
    return now if first_day == today else _midnight(first_day, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _breaks(turns: Iterable[Turn]) -> dict[str, tuple[Span, ...]]:
    """An end that is dated back over a return makes one break of the two."""
    found: dict[str, list[Span]] = {}
    for one in sorted(turns, key=lambda one: one.number):
        spans = found.setdefault(one.station, [])
        if one.is_end:
            spans.append((one.at, _FAR))
        elif spans:
            spans[-1] = spans[-1][0], one.at
    return {station: _joined(spans) for station, spans in found.items()}


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue  # brought back as if nothing had been
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _before(station: Station, change: Amendment) -> Station:
    was = change.before
    plans = {plan.kind: plan.count for plan in station.chargers}
    plans |= {kind: was[column] for column, kind in _CHARGERS.items() if column in was}  # type: ignore[misc]
    chargers = tuple(
        ChargerPlan(kind, plans[kind]) for kind in ("phone", "ebike") if plans.get(kind)
    )
    supplies = tuple(was.get("supplies", station.supplies))
    same = {name: was[name] for name in _AS_THEY_ARE if name in was}
    if "region" in was:
        same["region_id"] = was["region"]
    return replace(station, chargers=chargers, supplies=supplies, **same)
