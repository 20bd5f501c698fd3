"""Which minutes teach an outlet's model: many soon after a switch, few where nothing changes."""

from __future__ import annotations

from dataclasses import dataclass

_STILL_MIN, _SETTLED_MIN = 8.0, 1500.0
EVERY = 3
"""Of a settled model's lessons one is learned, with the forgetting of so many."""
# A minute; an outlet slower than an hour is none, and what a pump modulates is no slowness.
_SLOWEST, _SLOWEST_PUMP = 0.985, 0.94


def keep_plausible(theta: list[float], kind: str) -> None:
    """Keeps an outlet's model to what outlets can do, or its errors would mislead."""
    slowest = _SLOWEST_PUMP if kind == "heatpump" else _SLOWEST
    theta[0] = min(slowest, max(0.0, theta[0]))
    if kind != "heatpump":
        theta[3] = max(0.0, theta[3])  # no plain heater gives less for being wanted more


@dataclass(slots=True)
class Lessons:
    """`still_min`: since the call changed; `skipped`: minutes passed over; `given`: lessons."""

    still_min: float = 0.0
    skipped: int = 0
    given: int = 0

    def is_news(self, *, is_switched: bool, length: float) -> bool:
        """Every minute soon after a switch, every fourth when nothing has changed for long."""
        self.still_min = 0.0 if is_switched else self.still_min + length
        self.skipped += 1
        if self.still_min > _STILL_MIN and self.skipped < 4:
            return False
        self.skipped = 0
        return True

    def is_settled(self, learned_min: float) -> bool:
        """Whether a model that learned for so long knows enough to be taught less often."""
        return learned_min > _SETTLED_MIN

    def is_passed_over(self, learned_min: float) -> bool:
        """Counts a lesson; once settled, every third teaches as much in a third of the time."""
        self.given += 1
        return learned_min > _SETTLED_MIN and self.given % EVERY != 0
