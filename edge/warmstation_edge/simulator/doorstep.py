"""A person in the doorway as two light beams see it, in order and at human speed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

BeamName = Literal["outer", "inner"]

_REACH_S = 0.7
"""From the door's first movement to the first beam."""
_APART_S = 0.35
"""Least time between two people: nobody walks into somebody's back."""
_CLOSES_S = 2.6


@dataclass(frozen=True, slots=True)
class Shade:
    """A beam is interrupted, or clear again, at a POSIX time."""

    at_s: float
    beam: BeamName
    interrupted: bool


class Doorstep:
    """Turns crossings into shades; people who come at once queue."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._free_s = 0.0
        self.open_until_s = 0.0

    def passage(self, at_s: float, inward: bool) -> list[Shade]:
        """What the beams see of one person; the whole passage takes 0.3 to 0.6 s."""
        start_s = max(at_s + _REACH_S, self._free_s + _APART_S)
        body_s = self._rng.uniform(0.18, 0.36)
        gap_s = self._rng.uniform(0.12, 0.24)
        first: BeamName = "outer" if inward else "inner"
        second: BeamName = "inner" if inward else "outer"
        self._free_s = start_s + gap_s + body_s
        self.open_until_s = self._free_s + _CLOSES_S
        shades = [
            Shade(start_s, first, True),
            Shade(start_s + gap_s, second, True),
            Shade(start_s + body_s, first, False),
            Shade(start_s + gap_s + body_s, second, False),
        ]
        return sorted(shades, key=lambda shade: shade.at_s)
