"""How often one thing contradicts another in health, and how improbable it is that it does so now.

For samples that are far apart: one may be the mean of what the other says of an instant, and then
they contradict each other all day long. A run of contradictions is worth what it is by this
station's own habit.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

_RATE = 0.01
_LEAST = 0.002
_NATS = 10.0
_HABIT = 0.03


@dataclass(slots=True)
class Oddly:
    """`habit`: the share of samples that contradict; `nats`: how improbable the present run is."""

    habit: float = 0.02
    nats: float = 0.0

    @property
    def is_usual(self) -> bool:
        """Whether it happens in health."""
        return self.habit > _HABIT

    def after(self, *, is_odd: bool) -> bool:
        """Takes a sample; whether its run is beyond all habit, and so teaches none."""
        if not is_odd:
            self.nats = 0.0
            self.habit = max(_LEAST, self.habit * (1.0 - _RATE))
            return True
        if self.nats <= _NATS:
            self.nats -= log(self.habit)
            self.habit += _RATE * (1.0 - self.habit)
        return self.nats > _NATS
