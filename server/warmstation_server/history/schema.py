"""The tables of the embedded history, and a connection that is sure to be ours."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warmstation_server.history import Step
from warmstation_server.history.errors import HistoryAway, HistoryBroken
from warmstation_server.history.usage import FIELDS, LATER_FIELDS

APPLICATION_ID = 0x57524D48  # "WRMH"
SCHEMA_VERSION = 2
_CACHE_KB = 16_384
"""Of pages: four times as much took as long, and as many minutes more until memory is flat."""
STEPS: tuple[Step, ...] = ("quarter", "hour", "day")

_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE text (kind TEXT, id INTEGER, text TEXT NOT NULL, PRIMARY KEY (kind, id))"
    " WITHOUT ROWID",
    "CREATE TABLE station (id INTEGER PRIMARY KEY, rolled_to INTEGER NOT NULL, latest BLOB)",
    "CREATE TABLE run (stream INTEGER, first INTEGER, last INTEGER NOT NULL, state TEXT NOT NULL,"
    " PRIMARY KEY (stream, first)) WITHOUT ROWID",
    "CREATE TABLE journal (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, rows BLOB NOT NULL)",
    "CREATE TABLE chunk (id INTEGER PRIMARY KEY, shape INTEGER NOT NULL, count INTEGER NOT NULL,"
    " first_us INTEGER NOT NULL, last_us INTEGER NOT NULL, columns BLOB NOT NULL)",
    *(
        f"CREATE TABLE usage_{step} (start INTEGER, station INTEGER,"
        f" {', '.join(f'{name} INTEGER NOT NULL' for name in FIELDS)},"
        " PRIMARY KEY (start, station)) WITHOUT ROWID"
        for step in STEPS
    ),
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection that any one thread at a time may use; transactions are begun by hand."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def claim(path: Path) -> int:
    """Make sure that this is the only writer; a descriptor to close when done."""
    try:
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HistoryAway(f"The history {path} cannot be opened: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise HistoryAway(f"The history {path} is in use by another process.") from None
    return descriptor


def open_writer(
    path: Path, max_bytes: int | None, *, is_scratch: bool = False
) -> sqlite3.Connection:
    """The one connection that writes; makes the tables where there are none."""
    connection = connect(path)
    try:
        with plain_errors(path):
            _bring_up(connection)
            check(connection, path)
            connection.execute(f"PRAGMA journal_mode = {'MEMORY' if is_scratch else 'WAL'}")
            connection.execute(f"PRAGMA synchronous = {'OFF' if is_scratch else 'FULL'}")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
            _create(connection)
            if max_bytes is not None:
                (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
                connection.execute(f"PRAGMA max_page_count = {max_bytes // page_bytes}")
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up(connection: sqlite3.Connection) -> None:
    """Give a history of layout 1 the columns of usage that it lacks.

    What was added up before has 0 seconds measured in them, which is unknown, not bad; for
    seats that were taken, `Usage.full_measured_s` tells.
    """
    (theirs,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if theirs != APPLICATION_ID or version != 1:
        return
    with transaction(connection):
        for step in STEPS:
            for name in LATER_FIELDS:
                connection.execute(
                    f"ALTER TABLE usage_{step} ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0"
                )
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def check(connection: sqlite3.Connection, path: Path) -> None:
    """HistoryBroken where this is not a history that this version reads; an empty file may be."""
    (theirs,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not tables and not theirs:
        return
    if theirs != APPLICATION_ID:
        raise HistoryBroken(f"{path} is a database of another program, not a Warmstation history.")
    if version != SCHEMA_VERSION:
        raise HistoryBroken(
            f"{path} has layout {version}; this version of Warmstation reads {SCHEMA_VERSION}."
        )
    if tables < len(_TABLES):
        raise HistoryBroken(f"The history {path} is damaged: a table is missing.")
    order = connection.execute("SELECT value FROM meta WHERE key = 'byte_order'").fetchone()
    if order != (sys.byteorder,):
        raise HistoryBroken(f"{path} was written by a machine of another byte order.")


def _create(connection: sqlite3.Connection) -> None:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables:
        return
    with transaction(connection):
        for table in _TABLES:
            connection.execute(table)
        connection.execute("INSERT INTO meta VALUES ('byte_order', ?)", (sys.byteorder,))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """All of it or nothing."""
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Say SQLite's errors in this room's words: away (try again) or broken (call somebody)."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise HistoryAway(f"The history {path} cannot be used now: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise HistoryBroken(f"The history {path} is damaged: {error}.") from error


@contextmanager
def sound() -> Iterator[None]:
    """Around what takes stored bytes apart: they may be anything on a damaged disk."""
    try:
        yield
    except (zlib.error, struct.error, ValueError, TypeError, LookupError) as error:
        raise HistoryBroken(f"The history is damaged: {type(error).__name__}: {error}.") from error
