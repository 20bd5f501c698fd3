"""The stations that a board may show, in the order in which they help. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warmstation_server.places import Station, lineage
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.badge import Badge, badge_of
from warmstation_server.web.boards.walking import Place
from warmstation_server.web.query import distance_m

SMALL_M = 1500
"""A region that lies within this of its middle is one place to walk in."""

_GROUPS = {Badge.OPEN: 0, Badge.LATE: 0, Badge.FULL: 1, Badge.UNKNOWN: 2}


def stations_in(region: str, snapshot: Snapshot) -> list[Station]:
    """Every station that lies in a region or below it."""
    inside = {id_ for id_ in snapshot.regions if region in lineage(id_, snapshot.regions)}
    return [station for station in snapshot.stations.values() if station.region_id in inside]


def middle(stations: Sequence[Station]) -> Place | None:
    """The middle of a region that is small enough to be walked in; None of a larger one."""
    if not stations:
        return None
    lat = sum(station.lat for station in stations) / len(stations)
    lon = sum(station.lon for station in stations) / len(stations)
    far = max(distance_m((lat, lon), (station.lat, station.lon)) for station in stations)
    return (lat, lon) if far <= SMALL_M else None


def in_order(stations: Iterable[Station], snapshot: Snapshot, here: Place | None) -> list[Station]:
    """Open ones first, then full, unknown and closed; nearest first, or with the most seats."""

    def key(station: Station) -> tuple[int, float, str]:
        status = snapshot.statuses.get(station.id)
        group = _GROUPS.get(badge_of(status), 3)
        if here is None:
            return group, -((status.num_seats_available if status else None) or 0), station.id
        return group, distance_m(here, (station.lat, station.lon)), station.id

    return sorted(stations, key=key)


def has_room(station: Station, snapshot: Snapshot) -> bool:
    """Whether it is known to be open and not known to be full or without heat."""
    status = snapshot.statuses.get(station.id)
    is_open = badge_of(status) in (Badge.OPEN, Badge.LATE)
    return is_open and status is not None and status.num_seats_available != 0
