"""Usage in tables: one row a bucket and station, for quarters, hours and days."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence

from warmstation_server.history import Step
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.schema import STEPS
from warmstation_server.history.usage import FIELDS, Buckets, Sums, bucket, merge, merged

_FEW = 20
"""Up to this share (1/n) of all stations, rows are looked up; above it, the range is scanned."""
_MAX_LOOKUPS = 10_000
_STEP_MS = {"quarter": 900_000, "hour": 3_600_000}
_EACH = "SELECT value FROM json_each(?)"
_ADDED = ", ".join(
    f"{name} = max({name}, excluded.{name})"
    if name == "people_max"
    else f"{name} = {name} + excluded.{name}"
    for name in FIELDS
)
_ADD = {
    step: f"INSERT INTO usage_{step} VALUES (?, ?{', ?' * len(FIELDS)})"  # noqa: S608 - our words
    f" ON CONFLICT (start, station) DO UPDATE SET {_ADDED}"
    for step in STEPS
}
_TAKE = {
    step: f"INSERT INTO usage_{step} SELECT start, here.value, {', '.join(FIELDS)}"  # noqa: S608
    f" FROM part.usage_{step} JOIN json_each(?) here ON CAST(here.key AS INTEGER) = station"
    f" WHERE true ORDER BY 1, 2 ON CONFLICT (start, station) DO UPDATE SET {_ADDED}"
    for step in STEPS
}
_TOTALS = ", ".join(f"max({name})" if name == "people_max" else f"total({name})" for name in FIELDS)


def add(
    connection: sqlite3.Connection, calendar: Calendar, found: Iterable[tuple[int, Buckets]]
) -> None:
    """Add quarters of stations to what is stored, and to their hours and days."""
    rows: dict[Step, dict[tuple[int, int], list[Sums]]] = {"quarter": {}, "hour": {}, "day": {}}
    for station, buckets in found:
        for quarter, sums in buckets.items():
            for step, sheet in rows.items():
                sheet.setdefault((calendar.start(quarter, step), station), []).append(sums)
    for step, sheet in rows.items():
        put(connection, step, ((*key, *merged(sheet[key])) for key in sorted(sheet)))


def put(connection: sqlite3.Connection, step: Step, rows: Iterable[Sequence[int]]) -> None:
    """Add rows (start, station, sums) to those of one step."""
    connection.executemany(_ADD[step], rows)


def take(connection: sqlite3.Connection, stations: Mapping[int, int]) -> None:
    """Add all rows of the attached database `part`; `stations`: their numbers here."""
    for step in STEPS:
        connection.execute(_TAKE[step], (json.dumps(stations),))


def of_stations(
    connection: sqlite3.Connection,
    stations: Collection[int],
    known: int,
    start_ms: int,
    end_ms: int,
    step: Step,
) -> dict[int, Buckets]:
    """The stored buckets of each of these stations (out of `known` ones)."""
    result: dict[int, Buckets] = {}
    where, values = _where(stations, known, start_ms, end_ms, step)
    for start, station, *sums in connection.execute(
        f"SELECT * FROM usage_{step} WHERE {where}",  # noqa: S608 - our own words
        values,
    ):
        result.setdefault(station, {})[start] = sums
    return result


def total(
    connection: sqlite3.Connection,
    stations: Collection[int],
    known: int,
    start_ms: int,
    end_ms: int,
    step: Step,
) -> Buckets:
    """The stored buckets of these stations added up."""
    where, values = _where(stations, known, start_ms, end_ms, step)
    rows = connection.execute(
        f"SELECT start, {_TOTALS} FROM usage_{step} WHERE {where} GROUP BY start",  # noqa: S608
        values,
    )
    return {start: [int(value) for value in sums] for start, *sums in rows}


def rebuild_days(connection: sqlite3.Connection, calendar: Calendar) -> None:
    """Work the days out anew from the quarters: the deployment's zone has changed."""
    connection.execute("DELETE FROM usage_day")
    days: dict[tuple[int, int], Buckets] = {}
    for start, station, *sums in connection.execute("SELECT * FROM usage_quarter"):
        day = calendar.start(start, "day")
        merge(bucket(days.setdefault((day, station), {}), day), sums)
    connection.executemany(
        _ADD["day"], [(*key, *sums[key[0]]) for key, sums in sorted(days.items())]
    )


def _where(
    stations: Collection[int], known: int, start_ms: int, end_ms: int, step: Step
) -> tuple[str, tuple[object, ...]]:
    if len(stations) == known:
        return "start >= ? AND start < ?", (start_ms, end_ms)
    names = json.dumps(list(stations))
    length_ms = _STEP_MS.get(step)
    is_few = len(stations) * _FEW <= known or len(stations) == 1
    if length_ms and is_few and (end_ms - start_ms) // length_ms < _MAX_LOOKUPS:
        first = -(-start_ms // length_ms) * length_ms
        starts = json.dumps(list(range(first, end_ms, length_ms)))
        return f"start IN ({_EACH}) AND station IN ({_EACH})", (starts, names)
    return f"start >= ? AND start < ? AND station IN ({_EACH})", (start_ms, end_ms, names)
