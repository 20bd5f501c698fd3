"""What the ledger adds up to: how many are there, and of which batch. Pure.

Pieces leave in the order in which they expire (first expired, first out), those without a date
last, older ones first. A count by a person is believed both ways: what is missing was taken, what
is too much was brought by somebody who did not write it down. A level sensor is believed only
downwards: its noise must not make gifts.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from warmstation_server.conditions.supplies import EMPTY
from warmstation_server.supplies.entry import Entry

_NEVER = date.max
SETTLING = timedelta(minutes=15)
"""A level sensor is asked about a restock only so long after it was entered."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pieces that came together. `given` = `taken` + `discarded` + `left`, always.

    `is_found`: nobody wrote down that they came; a count showed them.
    """

    number: int
    item: str
    at: datetime
    given: int
    donor: str = ""
    expires_on: date | None = None
    taken: int = 0
    discarded: int = 0
    is_found: bool = False

    @property
    def left(self) -> int:
        """How many of it are still there."""
        return self.given - self.taken - self.discarded


@dataclass(frozen=True, slots=True)
class Taken:
    """So many went between two moments; both are the same where it was written down at once."""

    since: datetime
    until: datetime
    pieces: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """One item of one station. `known_at`: when the number of pieces was last certain."""

    batches: tuple[Batch, ...] = ()
    taken: tuple[Taken, ...] = ()
    known_at: datetime | None = None

    @property
    def left(self) -> int | None:
        """Pieces on the shelf by the book; None where nothing was ever written down."""
        return sum(batch.left for batch in self.batches) if self.known_at else None

    def is_settled(self, at: datetime) -> bool:
        """Whether a sensor's word of this moment is about all that came."""
        return all(at >= batch.at + SETTLING for batch in self.batches)


class Fold:
    """Entries of one item of one station, taken in their order; `shelf` at any moment between."""

    def __init__(self, known: Shelf | None = None) -> None:
        known = known or Shelf()
        self._batches = list(known.batches)
        self._taken = list(known.taken)
        self._known_at = known.known_at
        self._open = sorted(
            (_turn(batch), place) for place, batch in enumerate(known.batches) if batch.left
        )

    def shelf(self) -> Shelf:
        """As it is now."""
        return Shelf(tuple(self._batches), tuple(self._taken), self._known_at)

    def take(self, entry: Entry) -> None:
        """One entry more."""
        match entry.kind:
            case "restock":
                given = entry.quantity, entry.donor, entry.expires_on
                self._put(Batch(entry.number, entry.item, entry.at, *given))
                self._known_at = self._known_at or entry.at
            case "handout":
                self._less(entry.quantity, entry.at, entry.at)
            case "discard":
                self._discard(entry)
            case "count":
                quantity = entry.quantity
                if entry.method == "sensor":
                    quantity = min(quantity, self._left)
                self.count(quantity, entry.number, entry.item, entry.at)

    def count(self, quantity: int, number: int, item: str, at: datetime) -> None:
        """So many there are: what is missing was taken, what is too much was brought."""
        missing = self._left - quantity
        if missing < 0:
            self._put(Batch(number, item, at, -missing, is_found=True))
        elif missing > 0:
            self._less(missing, self._known_at or at, at)
        self._known_at = at

    @property
    def _left(self) -> int:
        return sum(self._batches[place].left for _, place in self._open)

    def _put(self, batch: Batch) -> None:
        if batch.left:
            insort(self._open, (_turn(batch), len(self._batches)))
        self._batches.append(batch)

    def _less(self, pieces: int, since: datetime, until: datetime) -> None:
        rest = pieces
        for _, place in self._open:
            batch = self._batches[place]
            gone = min(rest, batch.left)
            self._batches[place] = replace(batch, taken=batch.taken + gone)
            rest -= gone
            if not rest:
                break
        self._close()
        if pieces > rest:
            self._taken.append(Taken(since, until, pieces - rest))

    def _discard(self, entry: Entry) -> None:
        rest = entry.quantity
        for _, place in self._open:
            batch = self._batches[place]
            if entry.batch is None or batch.number == entry.batch:
                gone = min(rest, batch.left)
                self._batches[place] = replace(batch, discarded=batch.discarded + gone)
                rest -= gone
        self._close()

    def _close(self) -> None:
        """What is used up is not looked at again."""
        self._open = [one for one in self._open if self._batches[one[1]].left]


def shelf(entries: Iterable[Entry]) -> Shelf:
    """The entries of one item of one station, in any order."""
    fold = Fold()
    for entry in sorted(entries, key=in_time):
        fold.take(entry)
    return fold.shelf()


def in_time(entry: Entry) -> tuple[datetime, int]:
    """The order in which entries are taken."""
    return entry.at, entry.number


def by_shelf(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """By station and item."""
    sorted_out: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        sorted_out.setdefault((entry.station, entry.item), []).append(entry)
    return sorted_out


def shelves(entries: Iterable[Entry]) -> dict[tuple[str, str], Shelf]:
    """By station and item."""
    return {key: shelf(found) for key, found in by_shelf(entries).items()}


def as_sensed(known: Shelf, level: float | None, par: int | None, at: datetime) -> Shelf:
    """The shelf by what its sensor saw then; as it was where that tells nothing."""
    if level is None or known.left is None or not known.is_settled(at):
        return known
    if level >= EMPTY and not par:
        return known
    fold = Fold(known)
    fold.count(0 if level < EMPTY else min(known.left, round(level * (par or 0))), 0, "", at)
    return fold.shelf()


def sensed_before(known: Shelf, level: float, par: int, restock: Entry) -> Entry | None:
    """A count to go before a restock: what the sensor saw left. None where it adds nothing."""
    pieces = round(level * par)
    if known.left is None or pieces >= known.left:
        return None
    return replace(
        restock,
        kind="count",
        quantity=pieces,
        method="sensor",
        donor="",
        expires_on=None,
        note="",
        batch=None,
    )


def _turn(batch: Batch) -> tuple[date, datetime, int]:
    """The order in which batches are used up."""
    return batch.expires_on or _NEVER, batch.at, batch.number
