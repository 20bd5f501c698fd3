"""Which stations are asked for, and how they are put together: regions, hosts, one by one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from warmstation_server.places import Region, Station, Text, lineage
from warmstation_server.usage.period import Period
from warmstation_server.usage.shares import Share, Stay, share

GroupKind = Literal["region", "host", "station"]
LEVELS = ("province", "city", "district", "street", "community", "grid")


@dataclass(frozen=True, slots=True)
class Group:
    """Stations that are shown as one. `name` None: a host type, whose word is in the catalogues."""

    kind: GroupKind
    id: str
    name: Text | None
    share: Share

    @property
    def stations(self) -> tuple[str, ...]:
        """All that were in it, some perhaps on some days only."""
        return self.share.names


def by_region(
    stood: Sequence[Stay], regions: Mapping[str, Region], level: str, period: Period
) -> list[Group]:
    """By the region of this level that each lay in; those in none of it by their own region."""
    found: dict[str, list[Stay]] = {}
    for one in stood:
        region = one.station.region_id
        at_level = (name for name in lineage(region, regions) if regions[name].level == level)
        found.setdefault(next(at_level, region), []).append(one)
    return [
        Group(
            "region",
            key,
            regions[key].name if key in regions else Text(key),
            share(some, period),
        )
        for key, some in sorted(found.items())
    ]


def by_host(stations: Sequence[Station]) -> list[Group]:
    """By host type."""
    found: dict[str, list[str]] = {}
    for station in stations:
        found.setdefault(station.host_type, []).append(station.id)
    return [Group("host", key, None, Share(tuple(names))) for key, names in sorted(found.items())]


def each(stations: Sequence[Station]) -> list[Group]:
    """One by one."""
    return [Group("station", one.id, one.name, Share((one.id,))) for one in stations]


def level_below(
    stations: Sequence[Station], regions: Mapping[str, Region], region: str = ""
) -> str | None:
    """The widest level that divides these stations; None where there is none."""
    top = LEVELS.index(regions[region].level) if region in regions else -1
    for level in LEVELS[top + 1 :]:
        kinds = {
            next((one for one in lineage(s.region_id, regions) if regions[one].level == level), "")
            for s in stations
        }
        if len(kinds) > 1:
            return level
    return None
