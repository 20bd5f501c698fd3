"""One line of the ledger. Entries are only ever added; a mistake is put right by counting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from warmstation_server.supplies.errors import BadEntry

EntryKind = Literal["restock", "handout", "count", "discard"]
KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
CountMethod = Literal["person", "sensor"]
MOST = 100_000
"""Pieces in one entry: more is a slip of the finger."""
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to one item of one station, in pieces.

    `quantity`: how many came (`restock`), were handed out or thrown away; for `count`, how many
    there were in all. `number`: its place in the ledger, 0 until it is kept; that of a restock
    names its batch. `batch`: whose pieces are thrown away; None takes the first to expire.
    `method`: who counted; a level sensor sees how many are left, but not where any came from.
    """

    station: str
    item: str
    kind: EntryKind
    quantity: int
    at: datetime
    by: str
    number: int = 0
    donor: str = ""
    expires_on: date | None = None
    batch: int | None = None
    method: CountMethod = "person"
    note: str = ""


def checked(entry: Entry, today: date) -> Entry:
    """The entry, where it can be true; BadEntry says why not."""
    if entry.kind not in KINDS:
        raise BadEntry("supplies.wrong.kind", f"an entry is one of {', '.join(KINDS)}")
    least = 0 if entry.kind == "count" else 1
    if not least <= entry.quantity <= MOST:
        raise BadEntry("supplies.wrong.quantity", f"a quantity is {least} to {MOST}")
    if entry.expires_on is not None and entry.kind != "restock":
        raise BadEntry("supplies.wrong.kind", "only what comes has a date of expiry")
    if entry.expires_on is not None and entry.expires_on < today:
        raise BadEntry("supplies.wrong.expired", "it has expired already")
    if max(len(entry.donor), len(entry.note)) > LONGEST:
        raise BadEntry("supplies.wrong.long", f"a text has at most {LONGEST} characters")
    return entry
