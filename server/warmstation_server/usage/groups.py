"""Which stations are asked for, and how they are put together: regions, hosts, one by one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from warmstation_server.places import Region, Station, Text, lineage

GroupKind = Literal["region", "host", "station"]
LEVELS = ("province", "city", "district", "street", "community", "grid")


@dataclass(frozen=True, slots=True)
class Group:
    """Stations that are shown as one. `name` None: a host type, whose word is in the catalogues."""

    kind: GroupKind
    id: str
    name: Text | None
    stations: tuple[str, ...]


def chosen(
    stations: Iterable[Station], regions: Mapping[str, Region], region: str = "", host: str = ""
) -> list[Station]:
    """Those in a region (any where it is empty) and of a host type, by id."""
    found = [
        one
        for one in stations
        if (not host or one.host_type == host)
        and (not region or region in lineage(one.region_id, regions))
    ]
    return sorted(found, key=lambda one: one.id)


def by_region(
    stations: Sequence[Station], regions: Mapping[str, Region], level: str
) -> list[Group]:
    """By the region of this level that each lies in; those in none of it by their own region."""
    found: dict[str, list[str]] = {}
    for station in stations:
        above = lineage(station.region_id, regions)
        at_level = (one for one in above if regions[one].level == level)
        found.setdefault(next(at_level, station.region_id), []).append(station.id)
    return [
        Group("region", key, regions[key].name if key in regions else Text(key), tuple(names))
        for key, names in sorted(found.items())
    ]


def by_host(stations: Sequence[Station]) -> list[Group]:
    """By host type."""
    found: dict[str, list[str]] = {}
    for station in stations:
        found.setdefault(station.host_type, []).append(station.id)
    return [Group("host", key, None, tuple(names)) for key, names in sorted(found.items())]


def each(stations: Sequence[Station]) -> list[Group]:
    """One by one."""
    return [Group("station", one.id, one.name, (one.id,)) for one in stations]


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
