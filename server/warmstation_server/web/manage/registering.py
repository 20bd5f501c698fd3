"""What district staff do to a place itself: rename, move, end, bring back, remove. For the pages
and the API; every write is one of the registry's, with its line in the audit log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from fastapi import HTTPException

from warmstation_server.accounts.audit import Author
from warmstation_server.history.reported import has_reported
from warmstation_server.past import began_at, ended_at
from warmstation_server.places import Region, Retired, Station
from warmstation_server.registry import BadPlace, StillNeeded
from warmstation_server.registry.rows import Fault
from warmstation_server.registry.single import row
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

STATION = (
    *("name_zh", "name_en", "region", "address", "lat", "lon"),
    *("hours", "capacity", "contact_phone"),
)
REGION = ("name_zh", "name_en", "parent")
_ABOVE = {"station": "region", "region": "parent"}
Kind = Literal["station", "region"]


class BadDay(BadPlace):
    """A day that is still to come."""


def change(
    visit: Visit, parts: StaffParts, kind: Kind, key: str, values: Mapping[str, Any]
) -> list[Fault]:
    """Change columns of a place that the visitor sees; what is wrong with them, if anything.

    It may be put only into a region that is all theirs: nobody gives away what they look after.
    """
    above = values.get(_ABOVE[kind])
    if above and above != _lies_in(visit, kind, key) and not visit.covers(str(above)):
        return [Fault(_ABOVE[kind], str(above)[:80], "is no region of yours")]
    outcome = parts.registry.take(
        [row(kind, {**values, "id": key})], strict=True, author=author_of(visit)
    )
    return [one.fault for one in outcome.refused]


def retire(
    visit: Visit, parts: StaffParts, station: Station, reason: str, last_day: date | None
) -> Retired:
    """End it with its last day, today unless told otherwise; BadPlace says why not."""
    zone = ZoneInfo(station.zone)
    at = ended_at(last_day or visit.now.astimezone(zone).date(), zone, visit.now)
    if at is None:
        raise BadDay("the last day is still to come: retire the station on that day")
    return parts.registry.lives.retire(station.id, at, reason, author_of(visit))


def bring_back(visit: Visit, parts: StaffParts, gone: Retired, first_day: date | None) -> None:
    """Bring it back with its first day, today unless told otherwise; BadPlace says why not."""
    zone = ZoneInfo(gone.station.zone)
    since = began_at(first_day or visit.now.astimezone(zone).date(), zone, visit.now)
    if since is None:
        raise BadDay("the first day is still to come: bring the station back on that day")
    parts.registry.lives.bring_back(gone.station.id, since, author_of(visit))


def remove_station(visit: Visit, parts: StaffParts, station: Station) -> None:
    """As if it had never been; StillNeeded where it reported, or anything is kept of it."""
    if has_reported(parts.history, station.id, visit.now):
        raise StillNeeded(f"station {station.id} has reported: retire it, that loses nothing")
    parts.registry.lives.remove_station(station.id, author_of(visit))


def remove_region(visit: Visit, parts: StaffParts, region: Region) -> None:
    """As if it had never been; StillNeeded where anything lies in it, or lay."""
    parts.registry.lives.remove_region(region.id, author_of(visit))


def retired(visit: Visit, station: str) -> Retired:
    """One that is none any more; 404 for all others alike."""
    visit.known(station)
    found = visit.tree.retired.get(station)
    if found is None:
        raise HTTPException(404)
    return found


def author_of(visit: Visit) -> Author:
    """Who writes."""
    return Author(visit.now, visit.person.login)


def given(values: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    """What of these columns was said."""
    return {name: values[name] for name in columns if values.get(name) not in (None, "")}


def _lies_in(visit: Visit, kind: Kind, key: str) -> str | None:
    if kind == "station":
        return visit.tree.known(key).region_id
    return visit.tree.regions[key].parent_id
