"""What was learned of each station, in a file, and until when. For `kept_watch`; nothing else
depends on it: what cannot be read is learned anew.

One thread at a time uses it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

VERSION = 4
_SCHEMA = """
DROP TABLE IF EXISTS station;
DROP TABLE IF EXISTS ending;
CREATE TABLE station (id TEXT PRIMARY KEY, kept_s REAL NOT NULL, state BLOB NOT NULL);
CREATE TABLE ending (at_s REAL NOT NULL);
"""
_ASLEEP = "CREATE TABLE IF NOT EXISTS asleep (decided_s REAL NOT NULL)"
_PUT = (
    "INSERT INTO station VALUES (?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET kept_s = excluded.kept_s, state = excluded.state"
)
_SUFFIXES = ("", "-wal", "-shm")
_FORMER = (".state", ".complete")
"""What older servers wrote beside it, and this one cannot read."""


class WatchFile:
    """A row a station. Whatever changes it raises sqlite3.Error where that cannot be."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        for suffix in _FORMER:
            path.with_suffix(suffix).unlink(missing_ok=True)

    def stations(self) -> Iterator[tuple[str, datetime]]:
        """Of whom something was learned, and until when; what is damaged is left out."""
        try:
            for id_, kept_s in self._open().execute("SELECT id, kept_s FROM station"):
                yield id_, datetime.fromtimestamp(kept_s, UTC)
        except sqlite3.Error as error:
            self._lost(error)

    def states(self, stations: Sequence[str]) -> dict[str, bytes]:
        """What was learned of these. A file that is damaged has nothing more to say."""
        asked = "SELECT id, state FROM station WHERE id IN (SELECT value FROM json_each(?))"
        try:
            return dict(self._open().execute(asked, (json.dumps(stations),)))
        except sqlite3.OperationalError:
            raise
        except sqlite3.Error as error:
            self._lost(error)
            return {}

    def put(self, states: Iterable[tuple[str, bytes]], now: datetime) -> None:
        """Write these, all or none."""
        with self._open() as write:
            write.executemany(_PUT, [(id_, now.timestamp(), state) for id_, state in states])

    def drop(self, stations: Iterable[str]) -> None:
        """They are not registered any more."""
        with self._open() as write:
            write.executemany("DELETE FROM station WHERE id = ?", [(id_,) for id_ in stations])

    @property
    def is_complete(self) -> bool:
        """Whether it has all that was ever taken in: after an orderly end."""
        return self._open().execute("SELECT 1 FROM ending").fetchone() is not None

    def complete(self, now: datetime) -> None:
        """Say that it is."""
        with self._open() as write:
            write.execute("INSERT INTO ending VALUES (?)", (now.timestamp(),))

    def begin(self) -> None:
        """From now on it is not."""
        with self._open() as write:
            write.execute("DELETE FROM ending")

    @property
    def decided(self) -> datetime | None:
        """Until when all was decided upon that those have said who were never woken since."""
        found = self._open().execute("SELECT min(decided_s) FROM asleep").fetchone()
        return None if found[0] is None else datetime.fromtimestamp(found[0], UTC)

    def decided_until(self, decided: datetime | None) -> None:
        """Remember it, or that nobody sleeps any more."""
        with self._open() as write:
            write.execute("DELETE FROM asleep")
            if decided is not None:
                write.execute("INSERT INTO asleep VALUES (?)", (decided.timestamp(),))

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        """The connection, made where there was no room for it before."""
        if self._connection is None:
            connection = sqlite3.connect(self._path, timeout=5, check_same_thread=False)
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version != VERSION:
                    connection.executescript(_SCHEMA)
                    connection.execute(f"PRAGMA user_version = {VERSION}")
                connection.execute(_ASLEEP)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _lost(self, error: sqlite3.Error) -> None:
        log.warning("what was learned of the stations is lost: %s: %s", self._path, error)
        self.close()
        if not isinstance(error, sqlite3.OperationalError):  # which is about disk and rights
            self._remove()

    def _remove(self) -> None:
        for suffix in _SUFFIXES:
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
