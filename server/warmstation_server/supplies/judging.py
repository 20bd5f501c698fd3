"""Conditions that the ledger of supplies knows of: expiry, and what no sensor watches. Pure."""

from __future__ import annotations

from datetime import date, datetime
from math import inf

from warmstation_server.conditions.place import Place
from warmstation_server.conditions.standing import Standing
from warmstation_server.conditions.supplies import LOW, NOT_LOW
from warmstation_server.supplies.expiry import expiring
from warmstation_server.supplies.outlook import by_book
from warmstation_server.supplies.shelf import Shelf

SOON_H, NOT_SOON_H = 24.0, 36.0
"""Hours that are left, at the early figure, when it is told; hours when it is over."""
_BY_BOOK = 0.7
"""A book is as good as those who write it."""


def say_expiry(standing: Standing, item: str, known: Shelf, today: date, now: datetime) -> None:
    """Something of this item expires soon or has. Value: days until its last day."""
    found = expiring(known.batches, today)
    evidence: dict[str, float | str] = {}
    if found:
        evidence = {
            "pieces": float(sum(one.batch.left for one in found)),
            "expired": float(sum(one.batch.left for one in found if one.is_expired)),
            "batch": float(found[0].batch.number),
            "last_day": str(found[0].batch.expires_on),
        }
    standing.say(
        "supplies.expiry",
        bool(found),
        now.timestamp(),
        subject=item,
        value=float(found[0].days) if found else None,
        step=1.0,
        evidence=evidence,
    )


def say_left(
    standing: Standing, item: str, known: Shelf, par: int | None, place: Place, now: datetime
) -> None:
    """An item without a sensor is used up, or nearly so, by the book."""
    left, at_s = known.left, now.timestamp()
    if left is None:
        return
    evidence: dict[str, float | str] = {"pieces": float(left), "by": "book"}
    level = left / par if par else None
    standing.say(
        "supplies.empty",
        left == 0,
        at_s,
        subject=item,
        value=level,
        confidence=_BY_BOOK,
        evidence=evidence,
    )
    if level is None:
        return
    was = bool(standing.holds("supplies.low", item))
    ahead = by_book(known, par, place, now)
    early_h = inf if ahead is None or ahead.early_h is None else ahead.early_h
    is_low = level < (NOT_LOW if was else LOW) or early_h < (NOT_SOON_H if was else SOON_H)
    hours = None if ahead is None else ahead.hours
    standing.say(
        "supplies.low",
        is_low,
        at_s,
        subject=item,
        value=0.0 if left == 0 else hours,
        confidence=_BY_BOOK,
        evidence=evidence,
    )
