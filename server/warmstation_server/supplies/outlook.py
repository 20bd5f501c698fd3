"""How long an item lasts, with its interval: by the level sensor where there is one, else by the
book. Pure; the arithmetic is that of `conditions.forecast`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Literal

from warmstation_server.conditions.forecast import Forecast, Pace, ahead_of, forecast
from warmstation_server.conditions.place import Place
from warmstation_server.supplies.shelf import Shelf

MEMORY = timedelta(days=56)
"""What was taken longer ago says little about next week."""
_LEAST_PIECES = 5
_LEAST_OPEN_H = 20.0
_DAY_SPREAD2 = 0.1
"""Whole days are busier or quieter than usual: the squared spread that sensors show at first."""
_MOST_SPREAD2 = 0.5


@dataclass(frozen=True, slots=True)
class Outlook:
    """Hours until empty: median, 10 % and 90 % figures; None is beyond two weeks.

    `basis`: what was learned from.
    """

    basis: Literal["sensor", "book"]
    hours: float | None
    early_h: float | None
    late_h: float | None


def by_book(known: Shelf, par: int | None, place: Place, now: datetime) -> Outlook | None:
    """From what was handed out and counted; None while that is too little to tell."""
    left = known.left
    if left is None or not par:
        return None
    pace = _pace(known, par, place, now)
    if pace is None:
        return None
    at_s = now.timestamp()
    place.at(at_s)
    begin_s = place.hour_begin(at_s)
    weights = [max(0.002, share) for share in place.open_week(at_s)]
    ahead = ahead_of(weights, place.hour_of_week(begin_s), begin_s, place.ahead)
    found = forecast(left / par, pace, ahead, at_s)
    return outlook("book", found)


def outlook(basis: Literal["sensor", "book"], found: Forecast) -> Outlook:
    """Beyond the horizon is None: nobody knows how far."""
    told = (
        None if value == inf else max(0.0, value)
        for value in (found.hours, found.early_h, found.late_h)
    )
    return Outlook(basis, *told)


def _pace(known: Shelf, par: int, place: Place, now: datetime) -> Pace | None:
    recent = [one for one in known.taken if one.until > now - MEMORY]
    pieces = sum(one.pieces for one in recent)
    if pieces < _LEAST_PIECES or known.known_at is None:
        return None
    since = max(min(one.since for one in recent), now - MEMORY)
    until = max(known.known_at, *(one.until for one in recent))
    open_h = _open_hours(place, since, until)
    if open_h < _LEAST_OPEN_H:
        return None
    spread2 = min(_MOST_SPREAD2, _DAY_SPREAD2 + 1.0 / pieces)
    return Pace(pieces / par / open_h, 1.0 / par, spread2)


def _open_hours(place: Place, since: datetime, until: datetime) -> float:
    """As many as the posted week would have in that time."""
    week: Sequence[float] = place.open_week(until.timestamp())
    return sum(week) * ((until - since) / timedelta(weeks=1))
