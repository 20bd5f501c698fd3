"""Forgets what retention keeps no longer, a piece at a time: who writes has other work.

For SqliteHistory only. A city's day is a hundred thousand chunks, and dropped in one go it kept
reports waiting for a second.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from threading import Lock
from typing import NamedTuple

from warmstation_server.history import chunks
from warmstation_server.history.book import Book
from warmstation_server.history.retention import UNSET_US
from warmstation_server.history.schema import transaction

AT_ONCE = 1_000
"""The work of one piece, in chunks that are looked at: some ten milliseconds."""
_PART = 500
"""Of one transaction, or of the stations that are looked at under the lock."""


class Forgotten(NamedTuple):
    """What a part of the work was: reports that are gone, what it cost, and what it wrote."""

    reports: int
    work: int
    written_bytes: int = 0


def forgetting(
    connection: sqlite3.Connection, book: Book, lock: Lock, line_us: int
) -> Iterator[Forgotten]:
    """Rows that wait to be rolled, then chunks, the oldest day first."""
    for first in range(0, len(book.by_number), _PART):
        with lock:
            gone = book.forget_rows(book.by_number[first : first + _PART], line_us)
        yield Forgotten(gone, _PART)
    for day in chunks.days(connection, UNSET_US, line_us):
        place, end = chunks.places(day)
        while place < end:
            with transaction(connection):
                some = chunks.forget_some(connection, (place, end), line_us, _PART)
            yield Forgotten(some.reports, some.work, some.bytes)
            place = some.next_place
