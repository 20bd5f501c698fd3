"""Who is on duty: people who take turns, and hours in which somebody can be told. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Protocol


class Duty(Protocol):
    """Hours of duty; `hours.Hours` is one, so weekdays, holidays and make-up workdays count."""

    def is_open(self, at: datetime) -> bool:
        """Whether it is a time of duty."""
        ...

    def next_change(self, at: datetime) -> datetime | None:
        """When duty begins or ends next."""
        ...


@dataclass(frozen=True, slots=True)
class Rota:
    """Several who take turns, each for `turn`, the first of them from `begins` on."""

    turn: timedelta
    begins: datetime
    zone: tzinfo

    def place(self, at: datetime, among: int) -> int:
        """Whose turn it is, counted from 0. Turns end at the same time of day all year."""
        passed = _wall(at, self.zone) - _wall(self.begins, self.zone)
        return passed // self.turn % among


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, local time; over midnight where the end is earlier."""

    start: time
    end: time

    def end_after(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When the quiet that holds now ends; None where it does not hold."""
        local = now.astimezone(zone)
        clock, is_over_midnight = local.time(), self.end <= self.start
        is_quiet = (
            clock >= self.start or clock < self.end
            if is_over_midnight
            else self.start <= clock < self.end
        )
        if not is_quiet:
            return None
        day = local.date()
        if is_over_midnight and clock >= self.start:
            day += timedelta(days=1)
        return datetime.combine(day, self.end, zone)


def _wall(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
