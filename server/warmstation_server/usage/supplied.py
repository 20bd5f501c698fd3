"""物资消耗: opening + restock - closing, by item and by donor. Pure; from the ledger.

A station's ledger becomes `movements`, a line a day, which add: up to a moment they tell what had
come and gone by then, and two moments tell what a period used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import add
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from warmstation_server.supplies.entry import Entry
from warmstation_server.supplies.shelf import Batch, Fold, by_shelf, in_time

Kind = Literal["item", "donor"]
Thing = tuple[Kind, str]
"""An item, or a donor; a donor's empty name is of those whom nobody named."""


@dataclass(frozen=True, slots=True)
class Consumed:
    """Pieces of one item, or of one donor, in a period. `used` = what came or was there, and is
    neither there now nor was thrown away. `expired`: past their day, still there or thrown away."""

    name: str
    opening: int = 0
    restocked: int = 0
    found: int = 0
    """More than the book knew, when somebody counted."""
    used: int = 0
    discarded: int = 0
    closing: int = 0
    expired: int = 0
    stations: int = 0

    def per_100_visits(self, visits: int) -> float | None:
        """Pieces used for every 100 visits; None where nobody was counted."""
        return 100 * self.used / visits if visits else None


class Pieces(NamedTuple):
    """What some days add up to. `overdue`: more of what is still there though its day is over;
    `wasted`: thrown away when its day was over; `stations`: that had none of it ever before."""

    restocked: int = 0
    found: int = 0
    used: int = 0
    discarded: int = 0
    overdue: int = 0
    wasted: int = 0
    stations: int = 0

    @property
    def left(self) -> int:
        """Of all that ever came, where these are all days until a moment."""
        return self.restocked + self.found - self.used - self.discarded

    def plus(self, other: Pieces) -> Pieces:
        """Both together."""
        return Pieces(*map(add, self, other))


class Early(NamedTuple):
    """Pieces thrown away on `day`, before the last day that was printed on them."""

    day: date
    thing: Thing
    expires_on: date
    pieces: int


@dataclass(frozen=True, slots=True)
class Movements:
    """A station's ledger, day by day."""

    days: Mapping[tuple[date, Thing], Pieces]
    early: tuple[Early, ...]


class _Change(NamedTuple):
    day: date
    given: int
    taken: int
    discarded: int


def movements(entries: Iterable[Entry], zone: ZoneInfo) -> Movements:
    """The entries of one station, in any order, by local days."""
    days: dict[tuple[date, Thing], Pieces] = {}
    early: list[Early] = []
    for (_, item), lines in by_shelf(entries).items():
        for batch, changes in _lives(lines, zone):
            for thing in _things(item, batch):
                for day, pieces in _told(batch, changes):
                    days[day, thing] = days.get((day, thing), Pieces()).plus(pieces)
                early += _early(batch, changes, thing)
    firsts: dict[Thing, date] = {}
    for day, thing in days:
        firsts[thing] = min(day, firsts.get(thing, day))
    for thing, day in firsts.items():
        days[day, thing] = days[day, thing]._replace(stations=1)
    return Movements(days, tuple(early))


def consumed(name: str, opening: Pieces, closing: Pieces, thrown_away_early: int = 0) -> Consumed:
    """A period, from all that was before its beginning and before its end.

    `thrown_away_early`: within it, of what has expired by its end.
    """
    return Consumed(
        name,
        opening=opening.left,
        restocked=closing.restocked - opening.restocked,
        found=closing.found - opening.found,
        used=closing.used - opening.used,
        discarded=closing.discarded - opening.discarded,
        closing=closing.left,
        expired=closing.overdue + closing.wasted - opening.wasted + thrown_away_early,
        stations=closing.stations,
    )


def _things(item: str, batch: Batch) -> tuple[Thing, Thing]:
    return ("item", item), ("donor", batch.donor)


def _lives(lines: Iterable[Entry], zone: ZoneInfo) -> list[tuple[Batch, list[_Change]]]:
    """Every batch of a shelf, with what became of it on which day."""
    fold, before = Fold(), tuple[Batch, ...]()
    lives: list[list[_Change]] = []
    for day, some in groupby(sorted(lines, key=in_time), lambda one: _day(one.at, zone)):
        for line in some:
            fold.take(line)
        after = fold.shelf().batches
        pairs = enumerate(zip(before, after, strict=False))
        for place, was, now in [(at, one, two) for at, (one, two) in pairs if one is not two]:
            gone = now.taken - was.taken, now.discarded - was.discarded
            lives[place].append(_Change(day, 0, *gone))
        new = after[len(before) :]
        lives += [[_Change(day, one.given, one.taken, one.discarded)] for one in new]
        before = after
    return list(zip(before, lives, strict=True))


def _told(batch: Batch, changes: list[_Change]) -> Iterator[tuple[date, Pieces]]:
    last_day = batch.expires_on or date.max
    in_time_left = 0
    for day, given, taken, discarded in changes:
        came = (0, given) if batch.is_found else (given, 0)
        more, is_over = given - taken - discarded, day > last_day
        in_time_left += 0 if is_over else more
        wasted = discarded if day >= last_day else 0
        yield day, Pieces(*came, taken, discarded, more if is_over else 0, wasted)
    if batch.expires_on is not None and in_time_left:
        yield batch.expires_on, Pieces(overdue=in_time_left)


def _early(batch: Batch, changes: list[_Change], thing: Thing) -> Iterator[Early]:
    if batch.expires_on is not None:
        for one in changes:
            if one.discarded and one.day < batch.expires_on:
                yield Early(one.day, thing, batch.expires_on, one.discarded)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
