"""The registry as the pipeline needs it: who is registered, and what was promised, in memory."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from warmstation_server.hours import BadHours, Hours
from warmstation_server.places import Region, Station
from warmstation_server.status.openness import Posted

log = logging.getLogger(__name__)


class Places(Protocol):
    """The registry's read side."""

    def regions(self) -> Sequence[Region]:
        """All regions."""
        ...

    def stations(self) -> Sequence[Station]:
        """All stations."""
        ...

    def revision(self) -> int:
        """Another number whenever regions or stations changed; cheap."""
        ...


class Roster:
    """Regions, stations and their hours; `refresh` reads them again when they changed."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._revision: int | None = None
        self._hours: dict[tuple[str, str], Hours | None] = {}
        self.regions: Mapping[str, Region] = {}
        self.stations: Mapping[str, Station] = {}

    def refresh(self) -> bool:
        """Whether the registry changed since the last time."""
        revision = self._places.revision()
        if revision == self._revision:
            return False
        self.regions = {region.id: region for region in self._places.regions()}
        self.stations = {station.id: station for station in self._places.stations()}
        self._revision = revision
        return True

    def posted(self, station: Station, now: datetime) -> Posted:
        """What the station's posted hours say; unknown where they cannot be read."""
        hours = self._hours_of(station)
        if hours is None:
            return Posted()
        return Posted(hours.is_open(now), hours.opened_at(now), hours.next_change(now))

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
