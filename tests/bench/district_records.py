"""A registry whose ledger and alerts are those of two years, for `tests.bench.district`.

Lines are put in by their bare rows: adding them one by one would take minutes. Every shelf is
restocked about once a month by one of a dozen donors, and counted, handed out of and now and then
cleared between.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from warmstation_server.places import Region, Station
from warmstation_server.registry import Registry

ITEMS = ("water", "noodles", "medicine", "tea", "biscuits", "masks", "gloves", "warmers")
DONORS = ("", *(f"爱心企业 {number}" for number in range(12)))
KINDS = (
    "restock",
    "handout",
    "handout",
    "count",
    "count",
    "handout",
    "handout",
    "count",
    "discard",
)
_SPAN = timedelta(days=730)


def registry(
    folder: Path,
    regions: Mapping[str, Region],
    places: Iterable[Station],
    end: datetime,
    lines: int,
    alerts: int,
) -> Registry:
    """`lines`, `alerts`: of one station in one year."""
    path, chance, every = folder / "registry.db", random.Random(7), list(places)
    opened = Registry.open(path)
    opened.put(regions.values(), every)
    opened.close()
    with sqlite3.connect(path) as db:
        for one in every:
            _insert(db, "supply_entries", _lines(chance, one.id, end, 2 * lines))
            _insert(db, "alert_entries", _alerts(chance, one.id, end, 2 * alerts))
    db.close()
    return Registry.open(path)


def _lines(
    chance: random.Random, station: str, end: datetime, count: int
) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        kind, at = chance.choice(KINDS), end - chance.random() * _SPAN
        is_restock = kind == "restock"
        yield {
            "station_id": station,
            "item": chance.choice(ITEMS),
            "kind": kind,
            "quantity": chance.randint(20, 90) if is_restock else chance.randint(1, 20),
            "at": _said(at),
            "by": "manager",
            "donor": chance.choice(DONORS) if is_restock else "",
            "expires_on": _expiry(chance, at.date()) if is_restock else None,
            "batch": None,
            "method": "person",
            "note": "",
        }


def _expiry(chance: random.Random, today: date) -> str | None:
    days = chance.choice((None, 60, 180, 365))
    return None if days is None else (today + timedelta(days=days)).isoformat()


def _alerts(
    chance: random.Random, station: str, end: datetime, count: int
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        fired = end - chance.random() * _SPAN
        acknowledged = fired + timedelta(minutes=chance.randint(1, 90))
        resolved = acknowledged + timedelta(minutes=chance.randint(1, 2000))
        moments = (("firing", fired), ("acknowledged", acknowledged), ("resolved", resolved))
        for place, (kind, at) in enumerate(moments):
            yield {
                "alert_id": f"{station}-{number}",
                "number": place,
                "station": station,
                "name": "heating.no_heat",
                "subject": "",
                "kind": kind,
                "at": _said(at),
                "since": _said(fired),
                "severity": "warning",
                "word": "",
                "tier": "",
                "is_late": False,
                "by": None,
                "note": "",
            }


def _insert(db: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    found = list(rows)
    if found:
        names, holes = (
            ", ".join(f'"{name}"' for name in found[0]),
            ", ".join(f":{n}" for n in found[0]),
        )
        db.executemany(f"INSERT INTO {table} ({names}) VALUES ({holes})", found)


def _said(at: datetime) -> str:
    """As SQLAlchemy keeps it in SQLite."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")
