"""What becomes of a damaged outbox: it is moved aside, and what it still holds is taken over.

Only `outbox` may call this room. A page that a card has lost takes its own reports with it and not
the others: they are read from both ends up to the damage. What a report says is checked again when
it is sent (`outbox`).
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from warmstation_edge.outbox_file import FAILURES, OutboxFile, OutboxTrouble
from warmstation_edge.outbox_rows import Row, State, are_counts, as_text, sound

_log = logging.getLogger(__name__)
_BATCH = 1000
"""Rows that are written at once: memory and log stay small, however much there is."""
_REPORTS = "SELECT seq, stream, urgent, payload, boot FROM reports"


class Found(NamedTuple):
    """An outbox file with what it holds; `is_damaged`: it is a new one, with what was sound."""

    file: OutboxFile
    state: State | None
    rows: dict[int, Row]
    boots: dict[str, float]
    charges: str | None
    results: dict[str, bytes]
    is_damaged: bool = False


def read(path: Path) -> Found:
    """An outbox file; checked for damage after a run that was cut short."""
    file = OutboxFile(path)
    try:
        state = file.state()
        if state is not None and not state.clean:
            file.check()
        rows, boots = file.index(), file.boots()
        return Found(file, state, rows, boots, file.charges(), file.results())
    except OutboxTrouble:
        file.close()
        raise


def read_or_begin(path: Path, damaged: OutboxFile | None = None) -> Found:
    """The same; a damaged file is moved aside and a new one begins with what is sound of it.

    `damaged` is one that is open still.
    """
    if damaged is not None:
        damaged.close()
    try:
        return read(path)
    except OutboxTrouble as trouble:
        if trouble.reason != "corrupt":
            raise
        aside = set_aside(path)
        _log.error("%s; moved to %s, a new file begins", trouble, aside)
    file = OutboxFile(path)
    try:
        _take_over(aside, file)
    except OutboxTrouble as trouble:  # the card is full: the rest lies aside
        _log.warning("not all that was sound could be taken over: %s", trouble)
    except FAILURES as error:
        _log.warning("%s cannot be read at all: %s", aside, error)
    finally:
        file.close()
    return read(path)._replace(is_damaged=True)


def set_aside(path: Path) -> Path:
    """Move a damaged file out of the way, over an older one of its kind; where it is now."""
    aside = path.with_name(path.name + ".corrupt")
    try:
        for suffix in ("-wal", "-shm"):
            aside.with_name(aside.name + suffix).unlink(missing_ok=True)
        path.replace(aside)
        with suppress(FileNotFoundError):  # what was written last is in the log only
            path.with_name(path.name + "-wal").replace(aside.with_name(aside.name + "-wal"))
        path.with_name(path.name + "-shm").unlink(missing_ok=True)
    except OSError as error:
        raise OutboxTrouble(path, error) from error
    return aside


def _take_over(aside: Path, file: OutboxFile) -> None:
    with closing(sqlite3.connect(aside)) as damaged:
        damaged.execute("PRAGMA locking_mode = EXCLUSIVE")  # without a file of shared memory
        damaged.text_factory = as_text
        state, taken, reports = _state(damaged), 0, _reports(damaged)
        while batch := list(islice(reports, _BATCH)):
            file.save(state, batch)
            taken += len(batch)
        for boot, began in _rows(damaged, "SELECT boot, began FROM boots"):
            if isinstance(boot, str) and isinstance(began, float):
                file.keep_boot(boot, began)
        for (kept,) in _rows(damaged, "SELECT kept FROM charges"):
            if isinstance(kept, str):
                file.keep_charges(kept)
        for command, result in _rows(damaged, "SELECT id, result FROM commands ORDER BY n"):
            if isinstance(command, str) and isinstance(result, bytes):
                file.keep_result(command, result)
    _log.warning("%d reports of %s go on waiting", taken, aside)


def _state(damaged: sqlite3.Connection) -> State:
    """A run that did not end in order, whose stream is over; what it had dropped still counts."""
    found = next(_rows(damaged, "SELECT dropped FROM state"), (0,))[0]
    return State("0000", 0, False, found if are_counts(found) else 0)


def _reports(damaged: sqlite3.Connection) -> Iterator[tuple[int, Row, bytes]]:
    last = 0
    for row in _rows(damaged, f"{_REPORTS} ORDER BY seq"):
        report = sound(*row)
        if report is not None:
            last = report[0]
            yield report
    for row in _rows(damaged, f"{_REPORTS} WHERE seq > ? ORDER BY seq DESC", last):
        report = sound(*row)
        if report is not None:
            yield report


def _rows(damaged: sqlite3.Connection, statement: str, *values: int) -> Iterator[tuple[Any, ...]]:
    """As many as can be read, up to the damage."""
    with suppress(*FAILURES), closing(damaged.execute(statement, values)) as cursor:
        yield from cursor
