"""The registry as the pipeline needs it: who is registered, and what was promised, in memory."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from warmstation_server.hours import BadHours, Hours
from warmstation_server.hours.spans import Span, merged, without
from warmstation_server.past import Amendment, Past, Turn
from warmstation_server.places import Region, Retired, Station
from warmstation_server.snapshot import Answer
from warmstation_server.status.openness import Posted
from warmstation_server.status.override import Override

DEFAULT_TARGET_C = 20.0

log = logging.getLogger(__name__)


class Places(Protocol):
    """The registry's read side. ConnectionError where it cannot be read now."""

    def regions(self) -> Sequence[Region]:
        """All regions."""
        ...

    def stations(self) -> Sequence[Station]:
        """All stations."""
        ...

    def retired(self) -> Sequence[Retired]:
        """All that are stations no more."""
        ...

    def revision(self) -> int:
        """Another number whenever regions or stations changed; cheap."""
        ...


class Upkeep(Protocol):
    """What staff said about stations. ConnectionError where it cannot be read now."""

    def standing(self) -> Sequence[Override]:
        """Stations opened or closed by hand."""
        ...

    def answers(self) -> Sequence[Answer]:
        """What riders were told back of late, the newest first."""
        ...


class Amendments(Protocol):
    """The registry's memory of what was promised. ConnectionError where it cannot be read now."""

    def amendments(self, after: int) -> Sequence[Amendment]:
        """Changes of promises behind this number, rising."""
        ...

    def turns(self, after: int) -> Sequence[Turn]:
        """Ends and returns of stations behind this number, rising."""
        ...


class Roster:
    """Regions, stations and their hours; `refresh` reads them again when they changed.

    `overrides`: by station, what somebody said by hand. `answers`: by station, the newest first.
    """

    def __init__(
        self, places: Places, upkeep: Upkeep | None = None, changes: Amendments | None = None
    ) -> None:
        self._places = places
        self._upkeep = upkeep
        self._changes = changes
        self._amendments: tuple[Amendment, ...] = ()
        self._turns: tuple[Turn, ...] = ()
        self._past = Past()
        self._revision: int | None = None
        self.is_away = False
        """Whether the last reading failed, so that asking again may take long."""
        self._hours: dict[tuple[str, str], Hours | None] = {}
        self._posted_at: datetime | None = None
        self._posted: dict[tuple[str, str], Posted] = {}
        """What hours say at that moment: a tick asks for every station."""
        self.regions: Mapping[str, Region] = {}
        self.stations: Mapping[str, Station] = {}
        self.retired: Mapping[str, Retired] = {}
        self.known: Mapping[str, Station] = {}
        """Those of both: reports of any of them are kept."""
        self.overrides: Mapping[str, Override] = {}
        self.answers: Mapping[str, tuple[Answer, ...]] = {}

    def refresh(self) -> bool:
        """Whether the registry changed since the last time.

        What was read once holds while the registry is away; the first reading must succeed, or
        every report would be one of an unknown station.
        """
        try:
            is_new = self._read()
        except ConnectionError as error:
            if self._revision is None:
                raise
            if not self.is_away:
                log.warning("the registry is away, what it said before holds: %s", error)
            self.is_away = True
            return False
        self.is_away = False
        return is_new

    def target_c(self, station: str) -> float:
        """A station's promised room temperature in °C; the usual one where it is not known."""
        known = self.known.get(station)
        return DEFAULT_TARGET_C if known is None else known.target_c

    def seats(self, station: str) -> int | None:
        """How many people a station has room for; None where it is not known."""
        known = self.known.get(station)
        return None if known is None else known.capacity

    def is_posted_open(self, station: str, at: datetime) -> bool:
        """Whether the posted hours said open then; True where nobody knows any hours."""
        known = self.known.get(station)
        if self._past.is_none(station, at):
            return False
        hours = None if known is None else self._hours_of(self._past.then(known, at))
        return hours is None or hours.is_open(at)

    def hours(self, station: Station) -> Hours | None:
        """The station's posted hours; None where they cannot be read."""
        return self._hours_of(station)

    def then(self, station: Station, at: datetime) -> Station:
        """The station as it was promised at a moment."""
        return self._past.then(station, at)

    def amended(self, start: datetime, end: datetime) -> list[datetime]:
        """When within this time something else was promised at any station; rising."""
        return self._past.moments(start, end)

    def spans(self, station: Station, start: datetime, end: datetime) -> list[Span]:
        """When it was posted as open, by the hours that were posted then; rising, cut at both."""
        found: list[Span] = []
        for begin, stop, as_it_was in self._past.stretches(station, start, end):
            hours = self._hours_of(as_it_was)
            found += [] if hours is None else hours.intervals(begin, stop)
        return list(without(merged(iter(found)), self._past.breaks(station.id)))

    def moves(self, station: str) -> tuple[datetime, ...]:
        """When it moved to another region, rising."""
        return self._past.moves(station)

    def breaks(self, station: str) -> tuple[Span, ...]:
        """From when until when it was no station, rising."""
        return self._past.breaks(station)

    def posted(self, station: Station, now: datetime) -> Posted:
        """What the station's posted hours say; unknown where they cannot be read."""
        manual = self.overrides.get(station.id)
        if now != self._posted_at:
            self._posted_at, self._posted = now, {}
        key = station.hours, station.zone
        posted = self._posted.get(key)
        if posted is None:
            posted = self._posted[key] = _posted(self._hours_of(station), now)
        if manual is None or not manual.holds(now):
            return posted
        return replace(posted, manual=manual)

    def _read(self) -> bool:
        revision = self._places.revision()
        if revision == self._revision:
            return False
        regions, stations = self._places.regions(), self._places.stations()
        retired = self._places.retired()
        self._read_upkeep()
        self._read_past()
        self.regions = {region.id: region for region in regions}
        self.stations = {station.id: station for station in stations}
        self.retired = {one.station.id: one for one in retired}
        gone = {one.station.id: one.station for one in retired}
        self.known = {**self.stations, **gone} if gone else self.stations
        self._revision = revision
        return True

    def _read_upkeep(self) -> None:
        if self._upkeep is None:
            return
        self.overrides = {one.station: one for one in self._upkeep.standing()}
        answers: dict[str, tuple[Answer, ...]] = {}
        for one in self._upkeep.answers():
            answers[one.station] = (*answers.get(one.station, ()), one)
        self.answers = answers

    def _read_past(self) -> None:
        if self._changes is None:
            return
        newest = self._amendments[-1].number if self._amendments else 0
        more = self._changes.amendments(newest)
        turned = self._changes.turns(self._turns[-1].number if self._turns else 0)
        if more or turned:
            self._amendments += tuple(more)
            self._turns += tuple(turned)
            self._past = Past(self._amendments, self._turns)

    def _hours_of(self, station: Station) -> Hours | None:
        """Stations with the same hours share one evaluator, which remembers its last answer."""
        key = (station.hours, station.zone)
        if key not in self._hours:
            try:
                self._hours[key] = Hours(*key)
            except BadHours as error:
                log.warning("station %s: %s", station.id, error)
                self._hours[key] = None
        return self._hours[key]


def _posted(hours: Hours | None, now: datetime) -> Posted:
    if hours is None:
        return Posted()
    return Posted(hours.is_open(now), hours.opened_at(now), hours.next_change(now))
