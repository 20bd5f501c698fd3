"""Files that follow from what is kept elsewhere: made again where they are damaged.

The rollup is written without waiting for the disk, so a power cut may leave it in pieces. Who comes
upon that says so in the file's `is_damaged`; the thread that counts begins it anew.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from warmstation_server.history.errors import HistoryAway

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class FiguresAway(HistoryAway):
    """What is asked of a damaged file can be answered once it was made again."""


def forget(path: Path) -> None:
    """The file and what SQLite keeps beside it."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is no good; not where the disk is full or somebody holds it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
