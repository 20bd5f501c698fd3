"""Asks the rollup and the registry for everything about a period. For pages, exports, commands."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Protocol
from zoneinfo import ZoneInfo

from warmstation_server.places import Region, Station
from warmstation_server.usage import shares
from warmstation_server.usage.answer import Answer, Before, Step
from warmstation_server.usage.broken import broken
from warmstation_server.usage.counting import Counting
from warmstation_server.usage.day import HourCount, Span, bounds
from warmstation_server.usage.groups import by_host, by_region, each, level_below
from warmstation_server.usage.heat import Heat
from warmstation_server.usage.lines import Lines
from warmstation_server.usage.period import DAY, Period
from warmstation_server.usage.response import Alarm, response
from warmstation_server.usage.rollup import Added, Rollup
from warmstation_server.usage.shares import Share, Stay, inside, share, stays
from warmstation_server.usage.sums import Sums
from warmstation_server.usage.supplies_sums import Supplied, SuppliesSums
from warmstation_server.usage.supplies_taking import Pause, on
from warmstation_server.visits import METHODS, VisitCount, VisitMethod

log = logging.getLogger(__name__)

DAYS_SINGLY = 100
"""A trend over more days goes by months."""

LOOKED_BACK = timedelta(days=2 * 366)
"""A year, and the one that it is compared with."""


class Records(Protocol):
    """What people and rules wrote down; the registry. May raise RegistryAway."""

    def alarms(self, start: datetime, end: datetime) -> Sequence[Alarm]:
        """Alerts that fired in start..end."""
        ...

    def counts(
        self, stations: Collection[str], start: datetime, end: datetime
    ) -> Sequence[VisitCount]:
        """Visits that no sensor counted."""
        ...


@dataclass(frozen=True, slots=True)
class District:
    """For any thread."""

    rollup: Rollup
    counting: Counting
    records: Records
    supplies: SuppliesSums
    zone: ZoneInfo

    def today(self, now: datetime) -> date:
        """The local day."""
        return now.astimezone(self.zone).date()

    def mended(self) -> bool:
        """Begin anew what somebody found damaged; whether there was any. For who counts."""
        found = [one for one in (self.rollup, self.supplies) if one.is_damaged]
        for one in found:
            log.error("the file of the %s is damaged: it is made again", type(one).__name__)
            one.begin_anew()
        return bool(found)

    def read(self, now: datetime, pause: Pause = on) -> None:
        """Take in what was written down, before anybody asks. RegistryAway may end it."""
        self.supplies.turn(pause)
        self.records.alarms(now - LOOKED_BACK, now)

    def answer(
        self,
        stations: Sequence[Station],
        regions: Mapping[str, Region],
        period: Period,
        now: datetime,
        region: str = "",
        level: str | None = None,
        *,
        waits: bool = True,
    ) -> Answer:
        """All figures of these stations. `waits`: for a ledger that is still being added up."""
        found = self._stays(stations, regions, region, period)
        wanted = share(found, period)
        names, counts_on = wanted.names, wanted.holding()
        listed = [one for one in stations if one.id in set(names) and self._serves(one, period)]
        added = shares.added(self.rollup, wanted, period)
        by_station = {name: Sums.of(total) for name, total in added.by_station.items()}
        start, end = self.span(period)
        alarms = self._alarms(wanted, start, end)
        periods = (period, period.previous, period.last_year)
        used = self.supplies.during(names, periods, waits=waits)
        counts = [
            one
            for one in self.records.counts(names, start, end)
            if counts_on(one.station, self.today(one.start))
        ]

        def before(other: Period) -> Before:
            then = share(self._stays(stations, regions, region, other), other)
            return self._before(then, used, other, now)

        previous = before(period.previous)
        is_same = period.previous == period.last_year
        last_year = previous if is_same else before(period.last_year)
        stood = [one for one in found if self._serves(one.station, one.days)]
        level = level or level_below([one.station for one in stood], regions, region)
        groups = by_region(stood, regions, level, period) if level else []
        lines = Lines(added.by_station, self.rollup, alarms, now, self.today, start)
        return Answer(
            period=period,
            regions=regions,
            stations=listed,
            sums=Sums.of(added.total),
            previous=previous,
            last_year=last_year,
            by_station=by_station,
            regional=lines.of(groups),
            level=level,
            hosts=lines.of(by_host(listed)),
            single=lines.of(each(listed)),
            heat=Heat.of(added.heat),
            trend=self._trend(wanted, period, added),
            broken=broken(by_station),
            alarms=alarms,
            response=response(alarms, now, start),
            items=used[period].items,
            donors=used[period].donors,
            is_supplied=used[period].is_known,
            counts=_by_method(counts),
            count_heat=self._count_heat(counts),
            counted_at=self.counting.counted_at,
            waiting_days=self.counting.waiting,
            is_finished=not self.counting.waiting and self.rollup.is_beyond(period.last),
        )

    def hours(self, station: Station, day: date, now: datetime) -> list[HourCount]:
        """The evidence: the hours of one station's day, from the history itself."""
        return self.counting.hours(station, day, now)

    def posted(self, station: Station, start: datetime, end: datetime) -> list[Span]:
        """When a station was posted as open, by the hours that were posted then."""
        return self.counting.posted(station, start, end)

    def days(self, station: str, period: Period) -> list[Step]:
        """What a station's days add up to."""
        found = self.rollup.by_day([station], period)
        return [Step(day, day, Sums.of(total)) for day, total in found.items()]

    def _before(
        self,
        wanted: Share,
        used: Mapping[Period, Supplied],
        period: Period,
        now: datetime,
    ) -> Before:
        start, end = self.span(period)
        added = shares.added(self.rollup, wanted, period)
        began = self._began(wanted.names)
        return Before(
            Sums.of(added.total),
            response(self._alarms(wanted, start, end), now, start),
            used[period].items,
            Heat.of(added.heat).peak,
            is_whole=began <= period.first,
            is_half=began <= period.middle,
        )

    def _began(self, names: Iterable[str]) -> date:
        """The first day that any of these stations was counted on."""
        found = (self.rollup.first_day(name) for name in names)
        return min((day for day in found if day is not None), default=date.max)

    def span(self, period: Period) -> tuple[datetime, datetime]:
        """From when until when."""
        return bounds(period.first, self.zone)[0], bounds(period.last, self.zone)[1]

    def regions_of(self, station: Station) -> set[str]:
        """Where it stands, and where it ever stood."""
        service = self.counting.service
        past = {service.region_on(station, day - DAY) for day in service.moves(station)}
        return {station.region_id, *past}

    def chosen(
        self,
        stations: Iterable[Station],
        regions: Mapping[str, Region],
        region: str,
        host: str,
        period: Period,
    ) -> list[Station]:
        """Those of a host type (any where it is empty) that stood in a region (any) at any time of
        the period or of those that it is compared with, by id."""
        known = sorted((one for one in stations if host in ("", one.host_type)), key=_id)
        ever = Period(min(period.previous.first, period.last_year.first), period.last)
        names = set(share(self._stays(known, regions, region, ever), ever).names)
        return [one for one in known if one.id in names]

    def counts_on(
        self,
        stations: Iterable[Station],
        regions: Mapping[str, Region],
        region: str,
        period: Period,
    ) -> Callable[[str, date], bool]:
        """Whether a station's day counts to a region (any where it is empty)."""
        holds = share(self._stays(stations, regions, region, period), period).holding()
        serves = self.counting.service.serves
        return lambda name, day: holds(name, day) and serves(name, Period(day, day))

    def _stays(
        self,
        stations: Iterable[Station],
        regions: Mapping[str, Region],
        region: str,
        period: Period,
    ) -> list[Stay]:
        """Where these stations stood in a period, as far as that was in this region."""
        service = self.counting.service
        found = (stays(one, period, service.region_on, service.moves) for one in stations)
        return inside(chain.from_iterable(found), regions, region)

    def _serves(self, station: Station, period: Period) -> bool:
        return self.counting.service.serves(station.id, period)

    def _alarms(self, wanted: Share, start: datetime, end: datetime) -> list[Alarm]:
        holds = wanted.holding()
        found = self.records.alarms(start, end)
        return [one for one in found if holds(one.station, self.today(one.fired_at))]

    def _trend(self, wanted: Share, period: Period, added: Added) -> list[Step]:
        if period.days <= DAYS_SINGLY:
            found = shares.by_day(self.rollup, wanted, period)
            return [Step(day, day, Sums.of(total)) for day, total in found.items()]
        return [
            Step(max(month.first, period.first), min(month.last, period.last), Sums.of(total))
            for month, total in added.by_month.items()
        ]

    def _count_heat(self, counts: Iterable[VisitCount]) -> dict[VisitMethod, Heat]:
        """Only what was counted within one hour says when it was."""
        hourly = [one for one in counts if one.end - one.start <= timedelta(hours=1)]
        return {
            method: Heat.of_counts(
                ((one.start, one.visits) for one in hourly if one.method == method), self.zone
            )
            for method in METHODS
            if any(one.method == method for one in hourly)
        }


def _id(station: Station) -> str:
    return station.id


def _by_method(counts: Iterable[VisitCount]) -> dict[VisitMethod, int]:
    found: dict[VisitMethod, int] = {}
    for one in counts:
        found[one.method] = found.get(one.method, 0) + one.visits
    return found
