"""Plays measurements into an outbox at their pace. Pure but for the outbox it fills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from warmstation_edge.measurement import Measurement
from warmstation_wire import Report

Times = Literal["now", "recorded", "ending-now"]
MAX_WAITING = 500
"""Rows without a receipt at most: past it, playing waits for the server."""


class Box(Protocol):
    """What is filled; the agent's outbox is one."""

    @property
    def queued(self) -> int:
        """Reports that have no receipt yet."""
        ...

    def add(self, measurement: Measurement, urgent: bool = False) -> Report:
        """Keep a measurement until its receipt."""
        ...


@dataclass(frozen=True, slots=True)
class Tempo:
    """`speed`: recorded seconds a second, None = as fast as receipts come.

    `times`: rows are said to be measured when they are played (`now`), when they were recorded,
    or as if the last of them, recorded at `last`, were measured when playing began.
    """

    speed: float | None
    times: Times
    last: datetime | None = None

    def measured_at(self, row: datetime, began: datetime, now: datetime) -> datetime:
        """When a row that is played at `now` is said to be measured."""
        if self.times == "recorded":
            return row
        if self.times == "ending-now" and self.last is not None:
            return began - (self.last - row)
        return now


class Player:
    """Turned a few times a second; `played` counts rows, `is_done` says when all are in."""

    def __init__(self, rows: Iterator[Measurement], tempo: Tempo, box: Box) -> None:
        self._rows = rows
        self._tempo = tempo
        self._box = box
        self._next: Measurement | None = next(rows, None)
        self._first = self._next.measured_at if self._next else None
        self._began: datetime | None = None
        self.played = 0

    @property
    def is_done(self) -> bool:
        """Whether every row has been played."""
        return self._next is None

    def turn(self, now: datetime) -> None:
        """Play what is due."""
        self._began = self._began or now
        while self._next is not None and self._is_due(self._next, now):
            at = self._tempo.measured_at(self._next.measured_at, self._began, now)
            self._box.add(replace(self._next, measured_at=at))
            self.played += 1
            self._next = next(self._rows, None)

    def _is_due(self, row: Measurement, now: datetime) -> bool:
        if self._box.queued >= MAX_WAITING:
            return False
        if self._tempo.speed is None or self._first is None or self._began is None:
            return True
        recorded: timedelta = row.measured_at - self._first
        return (now - self._began) * self._tempo.speed >= recorded
