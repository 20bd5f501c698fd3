"""What the ledger adds up to: how many are there, and of which batch. Pure.

Pieces leave in the order in which they expire (first expired, first out), those without a date
last, older ones first. A count by a person is believed both ways: what is missing was taken, what
is too much was brought by somebody who did not write it down. A level sensor is believed only
downwards: its noise must not make gifts.
"""

from __future__ import annotations

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


def shelf(entries: Iterable[Entry]) -> Shelf:
    """The entries of one item of one station, in any order."""
    found = Shelf()
    for entry in sorted(entries, key=lambda one: (one.at, one.number)):
        found = _after(found, entry)
    return found


def shelves(entries: Iterable[Entry]) -> dict[tuple[str, str], Shelf]:
    """By station and item."""
    sorted_out: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        sorted_out.setdefault((entry.station, entry.item), []).append(entry)
    return {key: shelf(found) for key, found in sorted_out.items()}


def as_sensed(known: Shelf, level: float | None, par: int | None, at: datetime) -> Shelf:
    """The shelf by what its sensor saw then; as it was where that tells nothing."""
    if level is None or known.left is None or not known.is_settled(at):
        return known
    if level < EMPTY:
        return _counted(known, 0, 0, "", at)
    return _counted(known, min(known.left, round(level * par)), 0, "", at) if par else known


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


def _after(known: Shelf, entry: Entry) -> Shelf:
    match entry.kind:
        case "restock":
            batch = Batch(
                entry.number, entry.item, entry.at, entry.quantity, entry.donor, entry.expires_on
            )
            since = known.known_at or entry.at
            return replace(known, batches=(*known.batches, batch), known_at=since)
        case "handout":
            gone = min(entry.quantity, known.left or 0)
            return _less(known, gone, entry.at, entry.at)
        case "discard":
            return replace(known, batches=_discarded(known.batches, entry))
        case "count":
            quantity = entry.quantity
            if entry.method == "sensor":
                quantity = min(quantity, known.left or 0)
            return _counted(known, quantity, entry.number, entry.item, entry.at)


def _counted(known: Shelf, quantity: int, number: int, item: str, at: datetime) -> Shelf:
    missing = (known.left or 0) - quantity
    if missing < 0:
        found = Batch(number, item, at, -missing, is_found=True)
        known = replace(known, batches=(*known.batches, found))
    if missing <= 0:
        return replace(known, known_at=at)
    return replace(_less(known, missing, known.known_at or at, at), known_at=at)


def _less(known: Shelf, pieces: int, since: datetime, until: datetime) -> Shelf:
    batches = list(known.batches)
    rest = pieces
    for place in _in_order(batches):
        gone = min(rest, batches[place].left)
        batches[place] = replace(batches[place], taken=batches[place].taken + gone)
        rest -= gone
    taken = (*known.taken, Taken(since, until, pieces - rest)) if pieces > rest else known.taken
    return replace(known, batches=tuple(batches), taken=taken)


def _discarded(batches: tuple[Batch, ...], entry: Entry) -> tuple[Batch, ...]:
    changed = list(batches)
    rest = entry.quantity
    for place in _in_order(changed):
        if entry.batch is None or changed[place].number == entry.batch:
            gone = min(rest, changed[place].left)
            changed[place] = replace(changed[place], discarded=changed[place].discarded + gone)
            rest -= gone
    return tuple(changed)


def _in_order(batches: list[Batch]) -> list[int]:
    """Places of the batches in the order in which they are used up."""
    return sorted(
        range(len(batches)),
        key=lambda i: (batches[i].expires_on or _NEVER, batches[i].at, batches[i].number),
    )
