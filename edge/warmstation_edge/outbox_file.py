"""The outbox's file: SQLite in WAL mode with synchronous=FULL, one transaction a batch.

Only `outbox` may call this room. Every failure of the disk comes out as OutboxTrouble with one
reason; what to do about it is decided by the outbox. The file is locked for one process.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from warmstation_edge.outbox_rows import (
    Row,
    State,
    are_counts,
    as_text,
    counters_in,
    is_moment,
    is_stream,
    only_bytes,
)
from warmstation_wire import WarmstationError

_log = logging.getLogger(__name__)
SCHEMA = 2
_TABLES = """
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1), stream TEXT NOT NULL, reserved INTEGER NOT NULL,
  clean INTEGER NOT NULL, dropped INTEGER NOT NULL, counters TEXT);
CREATE TABLE reports (
  seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, urgent INTEGER NOT NULL, payload BLOB NOT NULL,
  boot TEXT);
CREATE TABLE commands (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, result BLOB NOT NULL);
"""
_BOOTS = (
    "CREATE TABLE boots (n INTEGER PRIMARY KEY, boot TEXT NOT NULL UNIQUE, began REAL NOT NULL);"
)
_CHARGES = "CREATE TABLE IF NOT EXISTS charges (n INTEGER PRIMARY KEY, kept TEXT NOT NULL);"
"""Of no version: the agent of the other slot, to which an update may fall back, minds no table."""
_FROM_1 = "ALTER TABLE reports ADD COLUMN boot TEXT;"
KEPT_COMMANDS = 256
_KEPT_BOOTS = 64
_PAGE_BYTES = 4096
_WAL_PAGES = 256
_CACHE_KIB = 1024
LOG_BYTES = _WAL_PAGES * (_PAGE_BYTES + 24)
"""The log is written into the file once it has grown so far; 24 bytes head each page in it."""
FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""A damaged file's own words, which SQLite repeats, may be no text."""
_REASONS = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
    sqlite3.SQLITE_ERROR: "corrupt",  # our statements are right: a table has lost its name
    sqlite3.SQLITE_CONSTRAINT: "corrupt",
    sqlite3.SQLITE_MISMATCH: "corrupt",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_READONLY: "readonly",
}


class OutboxTrouble(WarmstationError, OSError):
    """The file cannot be used now; `reason` is full, corrupt, busy, readonly or io."""

    def __init__(self, path: Path, error: Exception) -> None:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        is_no_text = isinstance(error, UnicodeDecodeError)
        self.reason = "corrupt" if is_no_text else _REASONS.get(code, "io")
        super().__init__(f"the outbox {path} cannot be used ({self.reason}: {error})")


class OutboxFile:
    """An open file; OutboxTrouble where it cannot be opened, read or written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._saved: State | None = None
        try:
            self._db = _opened(path)
        except (*FAILURES, OSError) as error:
            raise OutboxTrouble(path, error) from error

    def state(self) -> State | None:
        """What was written last; None in a file that is new. `counters` is None where it cannot be
        read."""
        rows = self._read("SELECT stream, reserved, clean, dropped, counters FROM state")
        if not rows:
            return None
        stream, reserved, clean, dropped, counters = rows[0]
        if not is_stream(stream) or not are_counts(reserved, dropped):
            raise self.damage("its state is none")
        return State(stream, reserved, bool(clean), dropped, counters_in(counters))

    def check(self) -> None:
        """Look for damage; OutboxTrouble `corrupt` where there is some."""
        found = self._read("PRAGMA quick_check(1)")
        if found != [("ok",)]:
            raise self.damage(str(found[0][0]))

    def damage(self, said: str) -> OutboxTrouble:
        """What SQLite has found, or overlooked, as trouble."""
        error = sqlite3.DatabaseError(said)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        return OutboxTrouble(self._path, error)

    def index(self) -> dict[int, Row]:
        """Every report in the file by its seq, rising, unread."""
        rows = self._read(
            "SELECT seq, stream, urgent, length(payload), boot FROM reports ORDER BY seq"
        )
        if not all(are_counts(seq, size) and is_stream(stream) for seq, stream, _, size, _ in rows):
            raise self.damage("a report has lost its place in its stream")
        texts: dict[str | None, str] = {}
        return {
            seq: Row(
                texts.setdefault(stream, stream),
                bool(urgent),
                size,
                boot and texts.setdefault(boot, boot),
            )
            for seq, stream, urgent, size, boot in rows
        }

    def boots(self) -> dict[str, float]:
        """When each boot began whose clock was set in the end, in POSIX seconds."""
        rows = self._read("SELECT boot, began FROM boots")
        return {boot: began for boot, began in rows if is_moment(began)}

    def charges(self) -> str | None:
        """What was kept of charges under way, as JSON."""
        rows = self._read("SELECT kept FROM charges")
        return str(rows[0][0]) if rows else None

    def keep_charges(self, kept: str) -> None:
        """Keep it in place of what was kept before, at once."""
        self._keep("charges (n, kept)", (1, kept), "charges", 1)

    def keep_boot(self, boot: str, began: float) -> None:
        """Remember when this boot began, at once; the oldest of many are forgotten."""
        self._keep("boots (boot, began)", (boot, began), "boots", _KEPT_BOOTS)

    def payload(self, seq: int) -> bytes | None:
        """One report as it goes on the wire."""
        return only_bytes(self._read("SELECT payload FROM reports WHERE seq = ?", seq))

    def save(
        self,
        state: State,
        added: Iterable[tuple[int, Row, bytes]] = (),
        gone: Iterable[int] = (),
    ) -> None:
        """Write a batch; it is on the card when this returns, or not at all."""
        try:
            with self._open() as db:
                db.executemany("DELETE FROM reports WHERE seq = ?", ((seq,) for seq in gone))
                db.executemany(
                    "INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?, ?)",
                    ((n, row.stream, row.urgent, payload, row.boot) for n, row, payload in added),
                )
                if state != self._saved:  # it has a page of its own, which most batches spare
                    db.execute(
                        "INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?, ?)",
                        (state.stream, state.reserved, state.clean, state.dropped, _json(state)),
                    )
        except FAILURES as error:
            raise OutboxTrouble(self._path, error) from error
        self._saved = state

    def results(self) -> dict[str, bytes]:
        """What was answered to each command that was begun, the oldest first."""
        rows = self._read("SELECT id, result FROM commands ORDER BY n")
        return {command: result for command, result in rows if isinstance(result, bytes)}

    def keep_result(self, command: str, result: bytes) -> None:
        """Remember the answer to a command, at once; the oldest of many are forgotten."""
        self._keep("commands (id, result)", (command, result), "commands", KEPT_COMMANDS)

    def close(self) -> None:
        """Let go of the file; what was not saved is not there."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _keep(self, into: str, values: tuple[object, object], table: str, most: int) -> None:
        try:
            with self._open() as db:
                db.execute(f"INSERT OR REPLACE INTO {into} VALUES (?, ?)", values)  # noqa: S608
                db.execute(
                    f"DELETE FROM {table} WHERE n <= (SELECT max(n) FROM {table}) - ?",  # noqa: S608
                    (most,),
                )
        except FAILURES as error:
            raise OutboxTrouble(self._path, error) from error

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with closing(self._open().execute(statement, values)) as cursor:
                return cursor.fetchall()
        except FAILURES as error:
            raise OutboxTrouble(self._path, error) from error

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            raise sqlite3.ProgrammingError("the outbox is closed")
        return self._db


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    db = sqlite3.connect(path, timeout=1.0, check_same_thread=False)
    db.text_factory = as_text
    try:
        # One process only: two agents on one file would hand out the same numbers.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        db.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        _found(db)
    except BaseException:
        db.close()
        raise
    if is_new:
        _sync_directory(path.parent)
    return db


def _found(db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        db.executescript(f"BEGIN; {_TABLES} {_BOOTS} PRAGMA user_version = {SCHEMA}; COMMIT;")
    elif version == 1:
        db.executescript(f"BEGIN; {_FROM_1} {_BOOTS} PRAGMA user_version = {SCHEMA}; COMMIT;")
    elif version != SCHEMA:
        raise sqlite3.DatabaseError(f"it is of version {version}, this agent reads {SCHEMA}")
    db.executescript(_CHARGES)


def _sync_directory(directory: Path) -> None:
    """Without this a power cut may leave a written file without its name (fsync(2))."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _json(state: State) -> str | None:
    return None if state.counters is None else json.dumps(dict(state.counters))
