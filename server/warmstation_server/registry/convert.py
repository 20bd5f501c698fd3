"""Between the tables and the places that the rest of the server knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from warmstation_server.places import ChargerPlan, Region, RegionLevel, Retired, Station, Text
from warmstation_server.registry.tables import RegionTable, StationTable

if TYPE_CHECKING:
    from datetime import datetime


def region(row: RegionTable) -> Region:
    """A region as stored."""
    return Region(
        id=row.id,
        name=Text(row.name_zh, row.name_en),
        level=cast("RegionLevel", row.level),
        parent_id=row.parent_id,
    )


def retired(row: StationTable) -> Retired:
    """A station that is none any more, as stored."""
    at = cast("datetime", row.retired_at)
    return Retired(station(row), at, row.retired_reason or "")


def station(row: StationTable) -> Station:
    """A station as stored."""
    chargers = (
        ChargerPlan("phone", row.phone_chargers),
        ChargerPlan("ebike", row.ebike_chargers),
    )
    return Station(
        id=row.id,
        district=row.district,
        name=Text(row.name_zh, row.name_en),
        lat=row.lat,
        lon=row.lon,
        region_id=row.region_id,
        hours=row.hours,
        capacity=row.capacity,
        host_type=row.host_type,
        address=row.address,
        zone=row.zone,
        target_c=row.target_c,
        facilities=tuple(row.facilities),
        chargers=tuple(plan for plan in chargers if plan.count),
        supplies=tuple(row.supplies),
        donors=tuple(row.donors.items()),
        contact_phone=row.contact_phone,
        access_methods=tuple(row.access_methods),
        is_simulated=row.simulated,
    )
