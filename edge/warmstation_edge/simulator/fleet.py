"""Fleets by name: data files beside this room, expanded to regions and stations.

`load` is for the simulator, the history generator and the demo.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from warmstation_edge.simulator.draw import Draw
from warmstation_edge.simulator.errors import BadFleet
from warmstation_edge.simulator.plan import Fleet, Region, StationPlan

NAMES = ("kunshan", "xifeng", "haibowan", "xinghualing", "feicheng")
ALL = "all"
PROVINCE = Region("sim-province", "模拟省", "Simulated Province", "province")

_REGION_KEYS = ("id", "name_zh", "name_en", "level", "parent")


def load(name: str) -> Fleet:
    """The fleet of this name, always the same; `all` is every one below one made-up province."""
    if name == ALL:
        return _province([_read(one) for one in NAMES])
    if name not in NAMES:
        raise BadFleet(f"there is no fleet {name!r}; there are {', '.join(NAMES)} and {ALL}")
    return _read(name)


def _province(fleets: list[Fleet]) -> Fleet:
    regions = [PROVINCE]
    for fleet in fleets:
        regions += [
            region
            if region.parent
            else Region(region.id, region.name_zh, region.name_en, region.level, PROVINCE.id)
            for region in fleet.regions
        ]
    stations = tuple(station for fleet in fleets for station in fleet.stations)
    return Fleet(ALL, tuple(regions), stations)


def _read(name: str) -> Fleet:
    text = files(__package__).joinpath("fleets", f"{name}.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    regions = {table["id"]: table for table in tables["regions"]}
    grids: list[dict[str, Any]] = []
    for community in tables.get("communities", ()):
        grids += _grids(community, regions, tables["fleet"]["prefix"])
    places = [*tables.get("places", ()), *grids]
    draw = Draw(tables, regions)
    stations: list[StationPlan] = []
    for place in places:
        for slug, zh, en in place["names"]:
            stations.append(draw.station(len(stations) + 1, place, slug, zh, en))
    draw.check_specials(stations)
    return Fleet(name, tuple(_region(table) for table in regions.values()), tuple(stations))


def _region(table: dict[str, Any]) -> Region:
    return Region(**{key: table[key] for key in _REGION_KEYS if key in table})


def _grids(
    communities: dict[str, Any], regions: dict[str, dict[str, Any]], prefix: str
) -> list[dict[str, Any]]:
    """Communities and their grids as regions (added in place), and one place for each grid."""
    places: list[dict[str, Any]] = []
    for slug, zh, en, count in communities["names"]:
        community = f"{prefix}-{slug}-community"
        regions[community] = {
            "id": community,
            "name_zh": zh,
            "name_en": en,
            "level": "community",
            "parent": communities["street"],
        }
        for number in range(1, count + 1):
            grid = f"{prefix}-{slug}-grid-{number}"
            regions[grid] = {
                "id": grid,
                "name_zh": f"{zh}第{number}网格",
                "name_en": f"{en} Grid {number}",
                "level": "grid",
                "parent": community,
            }
            name = [f"{slug}-{number}", f"{zh}{number}号", f"{en} No. {number}"]
            places.append({"region": grid, "host": communities["host"], "names": [name]})
    return places
