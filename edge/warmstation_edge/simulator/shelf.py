"""What is on the shelf: levels that visitors lower and staff restores on some mornings."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

_PORTIONS: dict[str, int] = {"water": 90, "noodles": 36, "biscuits": 48, "tea": 80}
_OTHER_PORTIONS = 40
_WANTED: dict[str, float] = {"water": 0.85, "noodles": 0.12, "biscuits": 0.15, "tea": 0.2}
_OTHER_WANTED = 0.03


@dataclass(slots=True)
class Shelf:
    """Share of full, 0..1, by item. `size` scales the portions: a big station has a big shelf."""

    levels: dict[str, float]
    size: float = 1.0

    @classmethod
    def stocked(cls, items: Iterable[str], size: float, rng: random.Random) -> Shelf:
        """A shelf some days after its last restocking."""
        return cls({item: rng.uniform(0.35, 1.0) for item in items}, size)

    def serve(self, rng: random.Random) -> None:
        """One visitor takes what he likes, where there is some."""
        for item, level in self.levels.items():
            if level > 0 and rng.random() < _WANTED.get(item, _OTHER_WANTED):
                portion = 1 / (_PORTIONS.get(item, _OTHER_PORTIONS) * self.size)
                self.levels[item] = max(0.0, level - portion)

    def restock(self, rng: random.Random) -> None:
        """Staff fills up what is low, on most mornings."""
        for item, level in self.levels.items():
            if level < 0.4 and rng.random() < 0.75:
                self.levels[item] = rng.uniform(0.9, 1.0)

    def empty(self, item: str) -> None:
        """Nothing left, and nobody brings any."""
        if item in self.levels:
            self.levels[item] = 0.0
