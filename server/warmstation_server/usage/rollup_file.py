"""The file of the rollup: its tables and how it is opened. For `rollup`.

A row is a day (or a month) of all stations: see `lanes`.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from warmstation_server.usage.derived import forget
from warmstation_server.usage.lanes import moved
from warmstation_server.usage.period import Month

LAYOUT = 3
HOURS = 24
MEASURES = 3
"""Visits, person-ms, measured ms."""
DAY_LANES = MEASURES * HOURS
HEAT_LANES = MEASURES * 7 * HOURS
"""Each measure's hours of a week that begins on Monday."""
_TABLES = (
    "CREATE TABLE station (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, first INTEGER)",
    "CREATE TABLE day (id INTEGER PRIMARY KEY, sums BLOB NOT NULL, heat BLOB NOT NULL)",
    "CREATE TABLE month (id INTEGER PRIMARY KEY, sums BLOB NOT NULL, heat BLOB NOT NULL)",
    "CREATE TABLE seen (day INTEGER PRIMARY KEY, mark TEXT NOT NULL)",
    "CREATE TABLE meta (zone TEXT NOT NULL)",
)
_NAMES = ("day", "meta", "month", "seen", "station")


def opened(path: Path, zone: str) -> sqlite3.Connection:
    """The file; made anew where it is missing, damaged, of another layout or another zone."""
    try:
        connection = _connected(path)
        if _is_ours(connection, zone):
            return connection
        connection.close()
    except sqlite3.DatabaseError:
        pass
    forget(path)
    connection = _connected(path)
    connection.execute("PRAGMA page_size = 16384")
    connection.execute("PRAGMA journal_mode = WAL")
    with connection:
        for table in _TABLES:
            connection.execute(table)
        connection.execute("INSERT INTO meta VALUES (?)", (zone,))
        connection.execute(f"PRAGMA user_version = {LAYOUT}")
    return connection


def month_id(month: Month) -> int:
    """The number of a month's row; a day's is its ordinal."""
    return month.year * 12 + month.month


def weekday(day: int) -> int:
    """0 = Monday; ordinal 1 was one."""
    return (day - 1) % 7


def in_week(hours: int, weekday: int) -> int:
    """A day's 24 hours of each measure, moved to where they stand in a week."""
    return sum(
        moved(hours, measure * HOURS, HOURS, (measure * 7 + weekday) * HOURS)
        for measure in range(MEASURES)
    )


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, check_same_thread=False)
    connection.execute("PRAGMA synchronous = OFF")  # nothing here that cannot be made again
    connection.execute("PRAGMA cache_size = -32768")
    return connection


def _is_ours(connection: sqlite3.Connection, zone: str) -> bool:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
    if version != LAYOUT or tuple(name for (name,) in names) != _NAMES:
        return False
    return connection.execute("SELECT zone FROM meta").fetchall() == [(zone,)]
