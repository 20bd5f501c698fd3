"""Which stations count in a period: on all of its days, or on those on which they stood there.

A day counts to the region in which a station stood when the day began, wherever it stands now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from warmstation_server.places import Region, Station, lineage
from warmstation_server.usage.period import DAY, Period
from warmstation_server.usage.rollup import Added, Rollup

Key = TypeVar("Key")
RegionOn = Callable[[Station, date], str]
Moves = Callable[[Station], Sequence[date]]
"""The first days on which a station stood elsewhere than on the day before, rising."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A station as it stood on these days."""

    station: Station
    days: Period


@dataclass(frozen=True, slots=True)
class Share:
    """`whole`: on every day; `partly`: on these days alone."""

    whole: tuple[str, ...] = ()
    partly: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.whole, *self.partly)

    def holding(self) -> Callable[[str, date], bool]:
        """Whether a station counts on a day; worked out for many questions."""
        whole = frozenset(self.whole)

        def holds(station: str, day: date) -> bool:
            parts = self.partly.get(station, ())
            return station in whole or any(one.first <= day <= one.last for one in parts)

        return holds


def stays(station: Station, period: Period, region_on: RegionOn, moves: Moves) -> list[Stay]:
    """Where it stood on the days of a period, run by run."""
    changed = moves(station)
    if not changed:
        return [Stay(station, period)]
    edges = [day for day in changed if period.first < day <= period.last]
    firsts = [period.first, *edges]
    lasts = [*(day - DAY for day in edges), period.last]
    return [
        Stay(replace(station, region_id=region_on(station, first)), Period(first, last))
        for first, last in zip(firsts, lasts, strict=True)
    ]


def share(found: Iterable[Stay], period: Period) -> Share:
    """Of stations, as they stood; runs that follow each other are one."""
    days: dict[str, list[Period]] = {}
    for stay in found:
        known = days.setdefault(stay.station.id, [])
        if known and known[-1].last + DAY == stay.days.first:
            known[-1] = Period(known[-1].first, stay.days.last)
        else:
            known.append(stay.days)
    partly = {name: tuple(some) for name, some in days.items() if some != [period]}
    return Share(tuple(name for name in days if name not in partly), partly)


def inside(found: Iterable[Stay], regions: Mapping[str, Region], region: str) -> list[Stay]:
    """Those in a region; all where it is empty."""
    if not region:
        return list(found)
    return [one for one in found if region in lineage(one.station.region_id, regions)]


def added(rollup: Rollup, wanted: Share, period: Period) -> Added:
    """What all of it adds up to."""
    found = rollup.added(wanted.whole, period)
    if not wanted.partly:
        return found
    by_station, by_month, heat = dict(found.by_station), dict(found.by_month), found.heat
    for name, some in wanted.partly.items():
        for days in some:
            more = rollup.added([name], days)
            by_station = _together(by_station, more.by_station)
            by_month = _together(by_month, more.by_month)
            heat += more.heat
    return Added(by_station, dict(sorted(by_month.items())), heat)


def by_day(rollup: Rollup, wanted: Share, period: Period) -> dict[date, int]:
    """The same, day by day."""
    found = rollup.by_day(wanted.whole, period)
    for name, some in wanted.partly.items():
        for days in some:
            found = _together(found, rollup.by_day([name], days))
    return dict(sorted(found.items()))


def _together(one: Mapping[Key, int], other: Mapping[Key, int]) -> dict[Key, int]:
    return {**one, **{key: one.get(key, 0) + more for key, more in other.items()}}
