"""A fleet as the TOML file that the server's registry imports."""

from __future__ import annotations

import json
from collections.abc import Iterator

from warmstation_edge.simulator.plan import Fleet, Region, StationPlan

Value = str | int | float | bool | tuple[str, ...]


def registry_toml(fleet: Fleet) -> str:
    """The whole file; every station in it is marked as simulated."""
    return "\n".join(_lines(fleet)) + "\n"


def _lines(fleet: Fleet) -> Iterator[str]:
    yield f"# SIMULATED: fleet {fleet.name}. No station in this file exists as described."
    for region in fleet.regions:
        yield from ("", "[[regions]]")
        yield from _table(_region(region))
    for station in fleet.stations:
        yield from ("", "[[stations]]")
        yield from _table(_station(station))
        if station.donors:
            donors = ", ".join(f"{_value(item)} = {_value(who)}" for item, who in station.donors)
            yield f"donors = {{ {donors} }}"


def _region(region: Region) -> dict[str, Value]:
    row: dict[str, Value] = {
        "id": region.id,
        "name_zh": region.name_zh,
        "name_en": region.name_en,
        "level": region.level,
    }
    return row | ({"parent": region.parent} if region.parent else {})


def _station(station: StationPlan) -> dict[str, Value]:
    row: dict[str, Value] = {
        "id": station.id,
        "district": station.district,
        "name_zh": station.name_zh,
        "name_en": station.name_en,
        "lat": station.lat,
        "lon": station.lon,
        "region": station.region,
        "hours": station.hours,
        "capacity": station.capacity,
        "host_type": station.host_type,
        "address": station.address,
        "zone": station.zone,
        "target_c": station.target_c,
        "facilities": station.facilities,
        "phone_chargers": station.phone_chargers,
        "ebike_chargers": station.ebike_chargers,
        "supplies": station.supplies,
        "access_methods": station.access_methods,
        "simulated": True,
    }
    return row | ({"contact_phone": station.contact_phone} if station.contact_phone else {})


def _table(row: dict[str, Value]) -> Iterator[str]:
    return (f"{key} = {_value(value)}" for key, value in row.items())


def _value(value: Value) -> str:
    """JSON's strings, numbers, booleans and flat lists are TOML as well."""
    return json.dumps(value, ensure_ascii=False)
