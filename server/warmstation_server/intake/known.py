"""What single pieces of reports say, as `"room_c":19.81`: read once, then looked up. For `stencil`.

What sensors give has one or two decimals, so that stations say the same pieces again and again. To
look one up takes a tenth of reading and checking it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from warmstation_server.history.codec import microseconds
from warmstation_wire.parts import FIRST_MOMENT, LAST_MOMENT

MOST = 50_000
_US_PER_MS, _US_PER_S = 1_000, 1_000_000


class Numbers(dict[bytes, float]):
    """Pieces of one kind and their numbers; whatever is asked for and not in it is read.

    KeyError where a piece is of another kind, or its number is out of bounds. `pattern` has one
    group, the number.
    """

    def __init__(self, known: Known, pattern: bytes, low: float, high: float) -> None:
        super().__init__()
        self._known = known
        self._match = re.compile(pattern).fullmatch
        self._low, self._high = low, high

    def __missing__(self, piece: bytes) -> float:
        found = self._match(piece)
        if found is None:
            raise KeyError(piece)
        number = float(found[1])
        if not self._low <= number <= self._high:
            raise KeyError(piece)
        self._known.make_room()
        self[piece] = number
        return number


class Moments(dict[bytes, int]):
    """The same for pieces that say when a report was measured, in µs: a city says each
    millisecond several times.

    KeyError or ValueError where a piece says no such time. `pattern` has three groups: up to the
    minute, the second, its fraction.
    """

    def __init__(self, known: Known, pattern: bytes) -> None:
        super().__init__()
        self._known = known
        self._match = re.compile(pattern).fullmatch

    def __missing__(self, piece: bytes) -> int:
        found = self._match(piece)
        if found is None:
            raise KeyError(piece)
        moment_us = _moment_us(*found.groups())
        self._known.make_room()
        self[piece] = moment_us
        return moment_us


class Known:
    """All kinds together, so that they are bounded together."""

    def __init__(self, most: int = MOST) -> None:
        self._most = self._room = most
        self._kinds: dict[tuple[bytes, float, float], Numbers] = {}
        self._moments: dict[bytes, Moments] = {}

    def kind(self, pattern: bytes, low: float, high: float) -> Numbers:
        """The one for numbers that are written so."""
        kind = self._kinds.get((pattern, low, high))
        if kind is None:
            kind = self._kinds[pattern, low, high] = Numbers(self, pattern, low, high)
        return kind

    def moments(self, pattern: bytes) -> Moments:
        """The one for times that are written so."""
        moments = self._moments.get(pattern)
        if moments is None:
            moments = self._moments[pattern] = Moments(self, pattern)
        return moments

    def make_room(self) -> None:
        """For one more piece; all are forgotten when there is none."""
        if not self._room:
            for kind in self._kinds.values():
                kind.clear()
            for moments in self._moments.values():
                moments.clear()
            self._room = self._most
        self._room -= 1


def _moment_us(minute: bytes, second: bytes, fraction: bytes | None) -> int:
    return _minute_us(minute) + int(second) * _US_PER_S + int(fraction or 0) * _US_PER_MS


@lru_cache(maxsize=4096)
def _minute_us(text: bytes) -> int:
    """When this minute began in UTC; ValueError where the calendar or the contract has none."""
    at = datetime.fromisoformat(text.decode()).replace(tzinfo=UTC)
    if not FIRST_MOMENT <= at < LAST_MOMENT:
        raise ValueError(f"{at} is not within the contract's time")
    return microseconds(at)
