"""How much is taken in which hour of the week: one profile a station, shared by its items.

Pooling the items learns the shape in weeks instead of months: what visitors take follows how many
come. Weights average about 1 over the hours that are posted open.
"""

from __future__ import annotations

import base64
from array import array
from collections.abc import Sequence

from warmstation_server.conditions.place import WEEK_H

_OWN_GAIN = 0.2
_SAME_HOUR_GAIN = 0.05
"""The same hour of the other days: a day's shape is known after days, not weeks."""
_MOST = 8.0
_LEAST = 0.002


class Week:
    """168 weights, kept as 32-bit floats."""

    __slots__ = ("weights",)

    def __init__(self, weights: Sequence[float]) -> None:
        self.weights = array("f", [one if one > _LEAST else _LEAST for one in weights])  # noqa: FURB136 every new station

    def learn(self, hour: int, relative: float) -> None:
        """One hour in which `relative` times the mean was taken."""
        relative = min(_MOST, max(0.0, relative))
        weights = self.weights
        for other in range(hour % 24, WEEK_H, 24):
            gain = _OWN_GAIN if other == hour else _SAME_HOUR_GAIN
            weights[other] = max(_LEAST, weights[other] + gain * (relative - weights[other]))

    def saved(self) -> str:
        """As text; exact."""
        return base64.b64encode(self.weights.tobytes()).decode()

    @classmethod
    def resumed(cls, text: str) -> Week:
        """From what `saved` gave."""
        week = cls(())
        week.weights = array("f")
        week.weights.frombytes(base64.b64decode(text, validate=True))
        return week
