"""A whole registry as lines of JSON, and back: the same for every kind of database.

The first line says which revision of the schema the rows are of; they are put into that schema,
which is then migrated like any other.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from warmstation_server.registry.engine import transaction
from warmstation_server.registry.errors import RegistryForeign
from warmstation_server.registry.schema import to_revision, version
from warmstation_server.registry.tables import VERSION_TABLE

_AT_ONCE = 500


def dump(engine: sa.Engine) -> Iterator[str]:
    """All rows of all tables, parents first, from one view."""
    with transaction(engine) as connection:
        yield json.dumps({"revision": version(connection)})
        for table in _tables(connection):
            for row in _parents_first(table, connection.execute(sa.select(table)).mappings()):
                said = {name: _said(value) for name, value in row.items() if value is not None}
                yield json.dumps({"table": table.name, "row": said}, ensure_ascii=False)


def load(engine: sa.Engine, lines: Iterable[str]) -> None:
    """Fill an empty database; RegistryForeign where it is not empty, or these are other lines."""
    rows = iter(lines)
    revision = _parsed(next(rows, "")).get("revision")
    if not isinstance(revision, str):
        raise RegistryForeign("these lines are no registry")
    with transaction(engine, writes=True) as connection:
        if version(connection) is not None:
            raise RegistryForeign("there is a registry already: restore into an empty database")
        to_revision(connection, revision)
        tables = {table.name: table for table in _tables(connection)}
        for table in reversed(tables.values()):  # what the migrations put in by themselves
            connection.execute(sa.delete(table))
        _insert(connection, tables, rows)
        if connection.dialect.name == "postgresql":
            _count_on(connection, tables.values())


def _insert(connection: sa.Connection, tables: dict[str, sa.Table], lines: Iterator[str]) -> None:
    waiting: list[dict[str, Any]] = []
    name = ""
    for line in lines:
        known = _parsed(line)
        if known.get("table") not in tables:
            raise RegistryForeign(f"there is no table {known.get('table')!r} in this schema")
        if known["table"] != name or len(waiting) == _AT_ONCE:
            _put(connection, tables.get(name), waiting)
            name, waiting = known["table"], []
        row, table = known["row"], tables[known["table"]]
        waiting.append({column.name: _meant(column, row.get(column.name)) for column in table.c})
    _put(connection, tables.get(name), waiting)


def _put(connection: sa.Connection, table: sa.Table | None, rows: list[dict[str, Any]]) -> None:
    if table is not None and rows:
        connection.execute(sa.insert(table), rows)


def _count_on(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """PostgreSQL's counters go on behind the rows that came with their numbers."""
    for table in tables:
        for column in table.primary_key.columns:
            asked = sa.func.pg_get_serial_sequence(table.name, column.name)
            sequence = connection.execute(sa.select(asked)).scalar()
            last = connection.execute(sa.select(sa.func.max(column))).scalar()
            if sequence and last:
                connection.execute(sa.select(sa.func.setval(sequence, last)))


def _tables(connection: sa.Connection) -> list[sa.Table]:
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def _parents_first(table: sa.Table, rows: Iterable[Any]) -> Iterator[Any]:
    """A row that refers to another of its table comes behind it."""
    upward = [
        (column.name, key.column.name)
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table is table
    ]
    if not upward:
        yield from rows
        return
    ((child, parent),) = upward
    waiting, known = list(rows), {None}
    while waiting:
        ready, waiting = (
            [row for row in waiting if row[child] in known],
            [row for row in waiting if row[child] not in known],
        )
        if not ready:
            raise RegistryForeign(f"rows of {table.name} refer to a row that is not there")
        yield from ready
        known |= {row[parent] for row in ready}


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _meant(column: sa.Column[Any], value: Any) -> Any:
    kind = column.type
    if value is None:
        if isinstance(kind, sa.JSON):  # which knows a null of its own, for what may not be NULL
            return sa.null() if column.nullable else sa.JSON.NULL
        return None
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    return value


def _parsed(line: str) -> dict[str, Any]:
    try:
        known = json.loads(line)
    except ValueError:
        known = None
    return known if isinstance(known, dict) else {}
