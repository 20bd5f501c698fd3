"""Stations and rules as the desk needs them, from the roster. The pipeline's thread only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from warmstation_server.alerts.context import Context, PostedHours, Window, path_of
from warmstation_server.alerts.rules import RuleOf, Rules
from warmstation_server.places import Region, Station
from warmstation_server.status.override import Override

WHILE_CLOSED = ("station.not_opened", "heating.closed")
"""What nobody need be told of while a station is closed by hand."""


class Registered(Protocol):
    """Who is registered, and what they promised; the mappings are replaced when that changes.

    `known`: with those that are retired.
    """

    regions: Mapping[str, Region]
    stations: Mapping[str, Station]
    known: Mapping[str, Station]
    overrides: Mapping[str, Override]

    def hours(self, station: Station) -> PostedHours | None:
        """Posted hours; None where they cannot be read."""
        ...


def quiet(said: Override) -> Window | None:
    """What a station that is closed by hand does to its alerts: as planned work would."""
    if said.is_open:
        return None
    name = f"hand-{said.id}"
    return Window(name, said.station, said.since, said.ends_at, WHILE_CLOSED, said.by, said.reason)


class _Here(NamedTuple):
    """What all stations of one region share."""

    path: tuple[Region, ...]
    rules: RuleOf


class RosterScene:
    """`watching_since`: since when the server has listened; whoever turns the desk keeps it."""

    def __init__(self, registered: Registered, rules: Rules, watching_since: datetime) -> None:
        self.watching_since = watching_since
        self._registered = registered
        self._rules = rules
        self._read: Mapping[str, Station] | None = None
        self._by_region: dict[str | None, _Here] = {}

    def rules(self, station: str) -> RuleOf:
        """The rules that hold there."""
        return self._here(self._registered.stations.get(station)).rules

    def context(self, station: str, windows: tuple[Window, ...]) -> Context | None:
        """The station and its promises; None where it is not registered."""
        place = self._registered.stations.get(station)
        if place is None:
            return None
        path = self._here(place).path
        if windows:
            here = {station, *(region.id for region in path)}
            windows = tuple(window for window in windows if window.place in here)
        said = self._registered.overrides.get(station)
        closed = None if said is None else quiet(said)
        if closed is not None:
            windows = (*windows, closed)
        hours = self._registered.hours(place)
        return Context(place, path, hours, self.watching_since, windows)

    def former(self, station: str) -> Context | None:
        """One that is retired, as it was last; None where it is not known at all."""
        place = self._registered.known.get(station)
        if place is None:
            return None
        return Context(place, self._here(place).path, None, self.watching_since)

    def _here(self, place: Station | None) -> _Here:
        """Worked out once a region, and again when the registry changed."""
        if self._read is not self._registered.stations:
            self._read, self._by_region = self._registered.stations, {}
        region = None if place is None else place.region_id
        found = self._by_region.get(region)
        if found is None:
            path = () if place is None else path_of(place, self._registered.regions)
            rules = self._rules.along(tuple(one.id for one in path))
            found = self._by_region[region] = _Here(path, rules)
        return found
