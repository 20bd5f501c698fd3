"""What single pieces of reports say, as `"room_c":19.81`: read once, then looked up. For `stencil`.

What sensors give has one or two decimals, so that stations say the same pieces again and again. To
look one up takes a tenth of reading and checking it.
"""

from __future__ import annotations

import re

MOST = 50_000


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


class Known:
    """All kinds together, so that they are bounded together."""

    def __init__(self, most: int = MOST) -> None:
        self._most = self._room = most
        self._kinds: dict[tuple[bytes, float, float], Numbers] = {}

    def kind(self, pattern: bytes, low: float, high: float) -> Numbers:
        """The one for numbers that are written so."""
        kind = self._kinds.get((pattern, low, high))
        if kind is None:
            kind = self._kinds[pattern, low, high] = Numbers(self, pattern, low, high)
        return kind

    def make_room(self) -> None:
        """For one more piece; all are forgotten when there is none."""
        if not self._room:
            for kind in self._kinds.values():
                kind.clear()
            self._room = self._most
        self._room -= 1
