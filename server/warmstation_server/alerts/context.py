"""What a decision about an alert needs to know of its station. Pure; built by whoever decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from warmstation_server.alerts.rule import TIERS
from warmstation_server.places import Region, Station
from warmstation_wire.alert import Tier

_TIER_OF: Mapping[str, Tier] = {
    "grid": "community",
    "community": "community",
    "street": "street",
    "district": "district",
    "city": "city",
    "province": "city",
}


class PostedHours(Protocol):
    """When a station has promised to be open."""

    def is_open(self, at: datetime) -> bool:
        """Whether it has promised to be open then."""
        ...

    def next_change(self, at: datetime) -> datetime | None:
        """When it next opens or closes after this moment."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """Planned work: from `start` to `end` nobody is paged for what happens there, but for danger.

    `place`: a station or a region with all below it. `names`: these conditions only, or all.
    """

    id: str
    place: str
    start: datetime
    end: datetime
    names: tuple[str, ...] = ()
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """A station, its promises and what else is known of it.

    `path`: its regions from the narrowest to the widest. `firing`: conditions and subjects with a
    firing alert there. `watching_since`: since when the server has listened without a break.
    """

    station: Station
    path: tuple[Region, ...]
    hours: PostedHours | None
    watching_since: datetime
    windows: tuple[Window, ...] = ()
    firing: frozenset[tuple[str, str]] = frozenset()

    def hides(self, name: str, subject: str) -> bool:
        """Whether this condition fires for the whole station, or for the same subject."""
        return (name, "") in self.firing or (name, subject) in self.firing

    def is_open(self, at: datetime) -> bool:
        """Whether it has promised to be open; True where nobody knows its hours."""
        return self.hours is None or self.hours.is_open(at)

    def opening(self, at: datetime) -> datetime | None:
        """This moment while open, else when it opens next; None if that is not known."""
        if self.hours is None or self.hours.is_open(at):
            return at
        return self.hours.next_change(at)

    def next_change(self, at: datetime) -> datetime | None:
        """When it next opens or closes."""
        return None if self.hours is None else self.hours.next_change(at)

    def maintained_until(self, name: str, at: datetime) -> datetime | None:
        """When the planned work ends that covers this condition now; None where there is none."""
        ends = [
            window.end
            for window in self.windows
            if window.start <= at < window.end and (not window.names or name in window.names)
        ]
        return max(ends, default=None)

    def maintained_from(self, name: str, at: datetime) -> datetime | None:
        """When planned work that covers this condition begins next; None where none is planned."""
        begins = [
            window.start
            for window in self.windows
            if window.start > at and (not window.names or name in window.names)
        ]
        return min(begins, default=None)

    def told(self, tier: Tier) -> tuple[Tier, str]:
        """Who is told: that tier, or the next wider one that this station has, and its region."""
        if tier != "station":
            wanted = TIERS.index(tier)
            for region in self.path:
                found = _TIER_OF[region.level]
                if TIERS.index(found) >= wanted:
                    return found, region.id
            if self.path:
                return _TIER_OF[self.path[-1].level], self.path[-1].id
        return "station", self.station.region_id


def path_of(station: Station, regions: Mapping[str, Region]) -> tuple[Region, ...]:
    """The regions that a station lies in, from the narrowest to the widest."""
    path: list[Region] = []
    found = regions.get(station.region_id)
    while found is not None and found not in path:
        path.append(found)
        found = regions.get(found.parent_id or "")
    return tuple(path)
