"""Weekday x hour: when stations are used. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from warmstation_server.usage.lanes import lanes
from warmstation_server.usage.rollup_file import HEAT_LANES, HOURS, MEASURES

_CELLS = HEAT_LANES // MEASURES


class Cell(NamedTuple):
    """One hour of the week. `weekday`: 0 = Monday. `visits`, `people`: None = never measured."""

    weekday: int
    hour: int
    visits: int | None
    people: float | None
    """Mean number of people in a station."""


@dataclass(frozen=True, slots=True)
class Heat:
    """All hours of a week, Monday 00 first."""

    cells: tuple[Cell, ...]

    @classmethod
    def of(cls, total: int) -> Heat:
        """From lanes: visits, person-ms and measured ms of each hour."""
        found = lanes(total, HEAT_LANES)
        visits, people, measured = (found[n * _CELLS : (n + 1) * _CELLS] for n in range(MEASURES))
        return cls(tuple(map(_cell, range(_CELLS), visits, people, measured)))

    @classmethod
    def of_counts(cls, counts: Iterable[tuple[datetime, int]], zone: ZoneInfo) -> Heat:
        """From visits at their hours, by any other method than the sensor's."""
        visits: list[int | None] = [None] * _CELLS
        for at, count in counts:
            local = at.astimezone(zone)
            place = local.weekday() * HOURS + local.hour
            visits[place] = (visits[place] or 0) + count
        return cls(tuple(Cell(*divmod(n, HOURS), visits[n], None) for n in range(_CELLS)))

    @property
    def most_visits(self) -> int:
        """Of any hour."""
        return max((cell.visits or 0 for cell in self.cells), default=0)

    @property
    def peak(self) -> Cell | None:
        """峰值时段: the hour with the highest mean occupancy; None where nobody was measured."""
        known = [cell for cell in self.cells if cell.people]
        return max(known, key=lambda cell: cell.people or 0, default=None)

    def row(self, weekday: int) -> Sequence[Cell]:
        """A weekday's hours."""
        return self.cells[weekday * HOURS : (weekday + 1) * HOURS]


def _cell(place: int, visits: int, people_ms: int, measured_ms: int) -> Cell:
    weekday, hour = divmod(place, HOURS)
    if not measured_ms and not visits:
        return Cell(weekday, hour, None, None)
    return Cell(weekday, hour, visits, people_ms / measured_ms if measured_ms else None)
