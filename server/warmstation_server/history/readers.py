"""Connections for reading threads: as many as read at once, handed back after each question."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TypeVar

from warmstation_server.history.schema import connect, plain_errors

T = TypeVar("T")


class Readers:
    """Views of the file and of the book at one and the same moment."""

    def __init__(self, path: Path, lock: Lock) -> None:
        self._path, self.lock = path, lock
        self._idle: deque[sqlite3.Connection] = deque()

    @contextmanager
    def view(self, look: Callable[[], T]) -> Iterator[tuple[sqlite3.Connection, T]]:
        """A connection that sees the file as it was when `look` read the book."""
        with plain_errors(self._path):
            connection = self._take()
            try:
                with self.lock:
                    connection.execute("BEGIN")
                    connection.execute("SELECT 1 FROM meta").fetchone()
                    seen = look()
                yield connection, seen
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._idle.append(connection)

    def close(self) -> None:
        """Let go of the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only = ON")
            return connection
