"""Decides which incoming rows are good. Pure: knows what is there, touches no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from warmstation_server.registry import gcj02
from warmstation_server.registry.imports.raw import RawRow
from warmstation_server.registry.outcome import RefusedRow
from warmstation_server.registry.rows import LEVELS, Fault, RegionRow, StationRow, faults_of

Row = TypeVar("Row", RegionRow, StationRow)
Known = Mapping[str, Mapping[str, Any]]
"""Values by id, as the registry has them."""

NO_REGION = "names no region that is registered"


@dataclass(frozen=True, slots=True)
class Judged:
    """The good rows by id, parents first, and why the others are not."""

    regions: dict[str, RegionRow] = field(default_factory=dict)
    stations: dict[str, StationRow] = field(default_factory=dict)
    refused: list[RefusedRow] = field(default_factory=list)


def judge(rows: Sequence[RawRow], regions: Known, stations: Known) -> Judged:
    """Check every row by itself, against the others, and against what is registered.

    What a row does not say stays as it is registered.
    """
    found = Judged()
    wanted = _read(RegionRow, (raw for raw in rows if raw.kind == "region"), regions, found)
    placed = _read(StationRow, (raw for raw in rows if raw.kind == "station"), stations, found)
    _place(wanted, regions, found)
    for raw, station in placed:
        if _level(station.region, found.regions, regions) is None:
            fault = Fault("region", station.region, NO_REGION)
            found.refused.append(RefusedRow(raw, fault))
        else:
            found.stations[station.id] = station
    order = {id(raw): number for number, raw in enumerate(rows)}
    found.refused.sort(key=lambda row: order[id(row.raw)])
    return found


def warnings_about(stations: Iterable[StationRow]) -> Iterator[str]:
    """What a person should look at, though it is allowed."""
    stations = tuple(stations)
    places = Counter((station.lat, station.lon) for station in stations)
    shared = sum(count - 1 for count in places.values())
    if shared:
        yield f"{shared} stations have exactly the coordinates of another one"
    abroad = [one.id for one in stations if not gcj02.is_shifted(one.lat, one.lon)]
    if abroad:
        yield f"{len(abroad)} stations lie outside of China, like {abroad[0]}: check lat and lon"


def _read(
    model: type[Row], rows: Iterable[RawRow], known: Known, found: Judged
) -> list[tuple[RawRow, Row]]:
    """The rows that are good by themselves, the first of each id."""
    good: dict[str, tuple[RawRow, Row]] = {}
    for raw in rows:
        try:
            row = model.model_validate(_complete(raw, known))
        except ValidationError as error:
            faults = faults_of(error, model.model_fields)
            found.refused.extend(RefusedRow(raw, fault) for fault in faults)
            continue
        if row.id in good:
            fault = Fault("id", row.id, f"is already in {good[row.id][0].place}")
            found.refused.append(RefusedRow(raw, fault))
        else:
            good[row.id] = (raw, row)
    return list(good.values())


def _complete(raw: RawRow, known: Known) -> dict[str, Any]:
    values = dict(raw.values)
    if "lat" not in values and "lon" not in values:
        values.pop("coordinates", None)
    registered = known.get(str(values.get("id", "")).strip(), {})
    half = {"lat", "lon"} & set(values)
    if len(half) == 1:  # one of the two alone is a mistake, not a move along a meridian
        registered = {key: registered[key] for key in registered if key not in ("lat", "lon")}
    return {**registered, **values}


def _place(wanted: Sequence[tuple[RawRow, RegionRow]], known: Known, found: Judged) -> None:
    """Take the regions that make a tree with each other and with those that stay as they are.

    Rows are judged by what the others say, for an import may move a whole branch; where one is
    refused, those that counted on it are judged again.
    """
    left = sorted(wanted, key=lambda pair: LEVELS.index(pair[1].level))
    while True:
        found.regions.clear()
        found.regions.update((region.id, region) for _, region in left)
        refused = _too_narrow(found.regions, known) or _misplaced(found.regions, known)
        if not refused:
            return
        found.refused.extend(
            RefusedRow(raw, refused[one.id]) for raw, one in left if one.id in refused
        )
        left = [pair for pair in left if pair[1].id not in refused]


def _too_narrow(good: Mapping[str, RegionRow], known: Known) -> dict[str, Fault]:
    """Regions in which one lies, and stays, that is as wide."""
    found: dict[str, Fault] = {}
    for child in known.values():
        above = good.get(child["parent"] or "")
        if above is not None and child["id"] not in good and not _is_wider(above, child["level"]):
            said = f"the {child['level']} {child['id']} lies in it"
            found[above.id] = Fault("level", above.level, said)
    return found


def _misplaced(good: Mapping[str, RegionRow], known: Known) -> dict[str, Fault]:
    """The widest of the regions that lie in nothing, or in one that is no wider."""
    found: dict[str, Fault] = {}
    for region in good.values():
        if found and region.level != good[next(iter(found))].level:
            break  # they may be well placed where a wider one is as it was
        if region.parent is not None:
            parent = _level(region.parent, good, known)
            if parent is None:
                found[region.id] = Fault("parent", region.parent, NO_REGION)
            elif LEVELS.index(parent) >= LEVELS.index(region.level):
                said = f"a {region.level} cannot lie in a {parent}"
                found[region.id] = Fault("parent", region.parent, said)
    return found


def _is_wider(region: RegionRow, level: str) -> bool:
    return LEVELS.index(region.level) < LEVELS.index(level)


def _level(key: str, good: Mapping[str, RegionRow], known: Known) -> str | None:
    if key in good:
        return good[key].level
    return str(known[key]["level"]) if key in known else None
