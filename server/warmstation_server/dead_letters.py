"""What was refused, kept for a person to look at. The pipeline adds, the command line reads.

A file of its own, bounded by rows and bytes, oldest dropped first; the counts by reason go on.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from warmstation_server.errors import BadDataDir

KEPT_BYTES = 16 * 1024
"""Of a payload at most; what is longer was refused for that."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS letter (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, topic TEXT NOT NULL,
  reason TEXT NOT NULL, detail TEXT NOT NULL, payload BLOB NOT NULL, size INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tally (reason TEXT PRIMARY KEY, count INTEGER NOT NULL);
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One refused message. `payload`: its first 16 KiB; `size`: how long it was, in bytes."""

    at: datetime
    topic: str
    reason: str
    detail: str
    payload: bytes
    size: int


class DeadLetters:
    """The dead-letter table; one writer, any number of readers in other processes."""

    def __init__(self, connection: sqlite3.Connection, max_rows: int, max_bytes: int) -> None:
        self._connection = connection
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._rows, self._bytes = connection.execute(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM letter"
        ).fetchone()

    @classmethod
    def open(cls, path: Path, max_rows: int = 10_000, max_bytes: int = 64 * 1024 * 1024) -> Self:
        """Open or create the file; BadDataDir where it is not ours or cannot be written."""
        try:
            connection = sqlite3.connect(path, timeout=5, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(_SCHEMA)
            return cls(connection, max_rows, max_bytes)
        except sqlite3.Error as error:
            raise BadDataDir(f"{path}: cannot be used for dead letters: {error}") from None

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Keep these, drop the oldest beyond the bounds; sqlite3.Error where nothing was kept."""
        with self._connection as write:
            write.executemany(
                "INSERT INTO letter (at_us, topic, reason, detail, payload, size)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [_row(letter) for letter in letters],
            )
            write.executemany(
                "INSERT INTO tally VALUES (?, ?)"
                " ON CONFLICT (reason) DO UPDATE SET count = count + excluded.count",
                Counter(letter.reason for letter in letters).items(),
            )
            rows = self._rows + len(letters)
            size = self._bytes + sum(len(letter.payload[:KEPT_BYTES]) for letter in letters)
            rows, size = self._drop_oldest(write, rows, size)
        self._rows, self._bytes = rows, size

    def newest(self, limit: int = 100) -> Iterator[DeadLetter]:
        """The newest first."""
        for at_us, *rest in self._connection.execute(
            "SELECT at_us, topic, reason, detail, payload, size FROM letter"
            " ORDER BY id DESC LIMIT ?",
            (limit,),
        ):
            yield DeadLetter(_EPOCH + timedelta(microseconds=at_us), *rest)

    def counts(self) -> dict[str, int]:
        """All that were ever refused, by reason, dropped ones too."""
        return dict(self._connection.execute("SELECT reason, count FROM tally ORDER BY reason"))

    def close(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _drop_oldest(self, write: sqlite3.Connection, rows: int, size: int) -> tuple[int, int]:
        oldest = write.execute("SELECT id, length(payload) FROM letter ORDER BY id")
        last = None
        while rows > self._max_rows or size > self._max_bytes:
            last, dropped = oldest.fetchone()
            rows, size = rows - 1, size - dropped
        if last is not None:
            write.execute("DELETE FROM letter WHERE id <= ?", (last,))
        return rows, size


def _row(letter: DeadLetter) -> tuple[int, str, str, str, bytes, int]:
    at_us = (letter.at - _EPOCH) // timedelta(microseconds=1)
    payload = letter.payload[:KEPT_BYTES]
    return at_us, letter.topic, letter.reason, letter.detail, payload, letter.size
