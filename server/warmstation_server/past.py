"""What a station had promised before its promise was changed: change by change, taken back. Pure.

A day is judged by the hours that were posted on it, whatever was posted since. The changes are
those of the audit log, which nobody can alter; before the first one the promise was the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from warmstation_server.places import ChargerPlan, Station

_AS_THEY_ARE = ("hours", "zone", "capacity")
_CHARGERS = {"phone_chargers": "phone", "ebike_chargers": "ebike"}
PROMISES = frozenset({*_AS_THEY_ARE, *_CHARGERS, "supplies"})
"""Columns of an import in which figures see a promise."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """At this moment a station changed; `before`: what its changed columns had said until then."""

    number: int
    station: str
    at: datetime
    before: Mapping[str, Any]


class Past:
    """All changes of all stations."""

    def __init__(self, amendments: Iterable[Amendment] = ()) -> None:
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

    def stretches(
        self, station: Station, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime, Station]]:
        """From when until when it was as it was, rising, from `start` to `end`."""
        moments = {one.at for one in self._newest_first.get(station.id, ()) if start < one.at < end}
        edges = [start, *sorted(moments), end]
        for begin, stop in pairwise(edges):
            yield begin, stop, self.then(station, begin)


def _before(station: Station, change: Amendment) -> Station:
    was = change.before
    plans = {plan.kind: plan.count for plan in station.chargers}
    plans |= {kind: was[column] for column, kind in _CHARGERS.items() if column in was}  # type: ignore[misc]
    chargers = tuple(
        ChargerPlan(kind, plans[kind]) for kind in ("phone", "ebike") if plans.get(kind)
    )
    supplies = tuple(was.get("supplies", station.supplies))
    same = {name: was[name] for name in _AS_THEY_ARE if name in was}
    return replace(station, chargers=chargers, supplies=supplies, **same)
