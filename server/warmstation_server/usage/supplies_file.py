"""The file of what supplies add up to: its tables and how it is opened. For `supplies_sums`.

`day`: what happened on it; `week`: all that was before a Monday. Days and Mondays are ordinals.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from warmstation_server.usage.derived import forget
from warmstation_server.usage.supplied import Pieces

LAYOUT = 1
COLUMNS = ", ".join(Pieces._fields)
ADDED = ", ".join(f"SUM({name})" for name in Pieces._fields)
HOLES = ", ".join("?" * len(Pieces._fields))
_COUNTS = ", ".join(f"{name} INTEGER NOT NULL" for name in Pieces._fields)
_AT = "thing INTEGER NOT NULL, place INTEGER NOT NULL"
TABLES = {
    "day": f"(day INTEGER NOT NULL, {_AT}, {_COUNTS}, PRIMARY KEY (day, thing, place))"
    " WITHOUT ROWID",
    "early": f"(day INTEGER NOT NULL, {_AT}, expires_on INTEGER NOT NULL, pieces INTEGER NOT NULL)",
    "meta": "(zone TEXT NOT NULL, lines INTEGER NOT NULL)",
    "newest": "(number INTEGER PRIMARY KEY, mark TEXT NOT NULL)",
    "place": "(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "thing": "(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL,"
    " UNIQUE (kind, name))",
    "week": f"(day INTEGER NOT NULL, {_AT}, {_COUNTS}, PRIMARY KEY (day, thing, place))"
    " WITHOUT ROWID",
    "weeks": "(day INTEGER PRIMARY KEY)",
}
_INDEXES = (
    "CREATE INDEX day_place ON day (place, day)",
    "CREATE INDEX early_day ON early (day)",
    "CREATE INDEX early_place ON early (place, day)",
)


def opened(path: Path | None, zone: str) -> sqlite3.Connection:
    """The file (None: memory); made anew where missing, damaged, of another layout or zone."""
    if path is None:
        return _made(_connected(":memory:"), zone)
    try:
        connection = _connected(str(path))
        if _is_ours(connection, zone):
            return connection
        connection.close()
    except sqlite3.DatabaseError:
        pass
    forget(path)
    return _made(_connected(str(path)), zone)


def beside(path: Path) -> sqlite3.Connection:
    """Another way into a file that is open: it reads while the first one writes."""
    return _connected(str(path))


def _made(connection: sqlite3.Connection, zone: str) -> sqlite3.Connection:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    for name, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {name} {columns}")
    for index in _INDEXES:
        connection.execute(index)
    connection.execute("INSERT INTO meta VALUES (?, 0)", (zone,))
    connection.execute(f"PRAGMA user_version = {LAYOUT}")
    connection.execute("COMMIT")
    return connection


def _connected(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16384")
    return connection


def _is_ours(connection: sqlite3.Connection, zone: str) -> bool:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    if version != LAYOUT or {name for (name,) in names} != set(TABLES):
        return False
    return [one for (one,) in connection.execute("SELECT zone FROM meta")] == [zone]
