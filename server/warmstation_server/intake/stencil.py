"""A report's text with holes where values stand: reads what is written in the very same form. Pure.

A station writes all its reports in one form, and only values change. Reading through a stencil
costs half of parsing and checking JSON; whatever does not fit is read in the contract's own way.
`cutting` makes stencils, `stencils` finds the right one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import getitem, itemgetter, le
from typing import Any, NamedTuple

from warmstation_server.history.codec import microseconds
from warmstation_wire.parts import FIRST_MOMENT, LAST_MOMENT, MAX_COUNT, MAX_PAYLOAD_BYTES

_US_PER_MS, _US_PER_S = 1_000, 1_000_000
_Pick = Callable[[Sequence[Any]], Sequence[Any]]


class Number(NamedTuple):
    """A hole for a number: which of the holes it is, its place in the row, its bounds."""

    hole: int
    column: int
    low: float
    high: float


class Word(NamedTuple):
    """A hole for one of a few words; each has its number."""

    hole: int
    column: int
    numbers: Mapping[bytes, float]


Identity = tuple[str, str, int, int]
"""Station, stream, `seq`, and when it was measured in µs."""


class Stencil:
    """One form.

    `pattern`: the text, with a group for each hole. `identity`: the holes of station, stream, seq
    and of the three parts of the time. `row`: a report's values, for what has no hole.
    """

    def __init__(
        self,
        pattern: bytes,
        identity: Sequence[int],
        numbers: Sequence[Number],
        words: Sequence[Word],
        row: Sequence[float],
    ) -> None:
        self._match = re.compile(pattern).fullmatch
        self._identity = _picker(identity)
        # Most cannot be negative, which the pattern says: only the first need a look at the least.
        numbers = sorted(numbers, key=lambda one: one.low)
        self._numbers = _picker([one.hole for one in numbers])
        self._lows = [one.low for one in numbers if one.low < 0]
        self._highs = [one.high for one in numbers]
        self._words = _picker([one.hole for one in words])
        self._meanings = [one.numbers for one in words]
        self._row = list(row)
        columns = [*(one.column for one in numbers), *(one.column for one in words)]
        places = {column: at for at, column in enumerate(columns)}
        self._ordered = _picker(
            [places.get(column, len(places) + column) for column in range(len(row))]
        )

    def read(self, payload: bytes, station: str) -> tuple[Identity, list[float]] | None:
        """What this station says, values as `codec.flatten` has them.

        None where the form is another, or something in it is wrong.
        """
        found = self._match(payload)
        if found is None or len(payload) > MAX_PAYLOAD_BYTES:
            return None
        said = found.groups()
        name, stream, seq, minute, second, fraction = self._identity(said)
        numbers = list(map(float, self._numbers(said)))
        is_within = all(map(le, self._lows, numbers)) and all(map(le, numbers, self._highs))
        if not is_within or name.decode() != station or int(seq) > MAX_COUNT:
            return None
        try:
            words = map(getitem, self._meanings, self._words(said))
            values = list(self._ordered([*numbers, *words, *self._row]))
            began_us = _minute_us(minute)
        except (KeyError, ValueError):
            return None
        measured_us = began_us + int(second) * _US_PER_S + int(fraction or 0) * _US_PER_MS
        return (station, stream.decode(), int(seq), measured_us), values


@lru_cache(maxsize=4096)
def _minute_us(text: bytes) -> int:
    """When this minute began in UTC; ValueError where the calendar or the contract has none."""
    at = datetime.fromisoformat(text.decode()).replace(tzinfo=UTC)
    if not FIRST_MOMENT <= at < LAST_MOMENT:
        raise ValueError(f"{at} is not within the contract's time")
    return microseconds(at)


def _picker(places: Sequence[int]) -> _Pick:
    """Takes the values at these places; `itemgetter` makes a tuple of two or more only."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: [values[place] for place in places]
