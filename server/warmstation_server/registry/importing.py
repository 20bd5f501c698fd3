"""Puts good rows into the tables, in the one transaction that it is handed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from warmstation_server.accounts.audit import Author, Entry
from warmstation_server.accounts.scope import at_region, at_station
from warmstation_server.registry import convert
from warmstation_server.registry.audit import add_entries
from warmstation_server.registry.imports.raw import RawRow
from warmstation_server.registry.judging import Known, judge, warnings_about
from warmstation_server.registry.outcome import ImportOutcome, Tally
from warmstation_server.registry.rows import RegionRow, StationRow, columns_of, region_columns_of
from warmstation_server.registry.tables import DeploymentTable, RegionTable, StationTable

Row = TypeVar("Row", RegionRow, StationRow)


def import_rows(session: Session, rows: Sequence[RawRow], author: Author) -> ImportOutcome:
    """Add or change what the good rows say; the revision rises where something differs."""
    regions: Known = {
        row.id: region_columns_of(convert.region(row))
        for row in session.scalars(select(RegionTable))
    }
    registered = session.scalars(select(StationTable)).all()
    stations: Known = {row.id: columns_of(convert.station(row)) for row in registered}
    judged = judge(rows, regions, stations)
    ended = [row.id for row in registered if row.retired_at and row.id in judged.stations]
    outcome = ImportOutcome(
        regions=_tally(judged.regions, regions, RegionRow),
        stations=_tally(judged.stations, stations, StationRow),
        refused=tuple(judged.refused),
        warnings=(*warnings_about(judged.stations.values()), *_about_retired(ended)),
    )
    for key in judged.regions:
        if key not in outcome.regions.unchanged:
            session.merge(_region(judged.regions[key]))
            session.flush()  # parents first: the database checks that they are there
    session.add_all(_station(judged.stations[key]) for key in outcome.stations.added)
    for key in outcome.stations.changed:
        session.merge(_station(judged.stations[key]))
    if any(tally.added or tally.changed for tally in (outcome.regions, outcome.stations)):
        session.execute(update(DeploymentTable).values(revision=DeploymentTable.revision + 1))
    session.flush()
    lines = [
        *_told("region", outcome.regions, judged.regions, regions, author),
        *_told("station", outcome.stations, judged.stations, stations, author),
    ]
    add_entries(session.connection(), lines)
    return outcome


def _about_retired(stations: Sequence[str]) -> Iterator[str]:
    """A list that still has them does not bring them back: it may be an old one."""
    if stations:
        many = f"{len(stations)} stations are" if len(stations) > 1 else "1 station is"
        yield f"{many} retired and not brought back by this, like {stations[0]}: station return ID"


def _told(
    kind: str,
    tally: Tally,
    good: Mapping[str, RegionRow | StationRow],
    known: Known,
    author: Author,
) -> Iterator[Entry]:
    """A line for each place that is new or differs: what it was, and what it is; and one more
    where it was before, if that is another region."""
    for key in (*tally.added, *tally.changed):
        was = type(good[key]).model_validate(known[key]).model_dump() if key in known else {}
        is_now = good[key].model_dump()
        other = [name for name, value in is_now.items() if was.get(name) != value]
        action = f"{kind}.{'changed' if key in known else 'added'}"
        before = {name: was[name] for name in other} if key in known else None
        after = {name: is_now[name] for name in other}
        place = at_region(key) if kind == "region" else at_station(key)
        yield author.line(action, key, before, after, place=place)
        above = "parent" if kind == "region" else "region"
        if before and before.get(above):  # whoever saw it there sees where it went
            left, found = {above: before[above]}, {above: after[above]}
            yield author.line(f"{kind}.left", key, left, found, place=at_region(before[above]))


def _tally(good: Mapping[str, Row], known: Known, model: type[Row]) -> Tally:
    old = {key: model.model_validate(known[key]) for key in good if key in known}
    return Tally(
        added=tuple(key for key in good if key not in known),
        changed=tuple(key for key, row in good.items() if key in known and old[key] != row),
        unchanged=tuple(key for key, row in good.items() if key in known and old[key] == row),
    )


def _region(row: RegionRow) -> RegionTable:
    return RegionTable(
        id=row.id, name_zh=row.name_zh, name_en=row.name_en, level=row.level, parent_id=row.parent
    )


def _station(row: StationRow) -> StationTable:
    values: dict[str, Any] = row.model_dump()
    region_id = values.pop("region")
    return StationTable(**values, region_id=region_id)
