"""How widely the residuals of the room's model spread, by what goes on in the room; for `room`.

Who passes disturbs the room. Where nobody was ever counted, the hour of the day tells how many do.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_QUIET, _BUSY = 0.02, 0.5
_BY_HOUR = 3
_RATE = 0.004


@dataclass(slots=True)
class Spreads:
    """`learned`: spread in K, `seen`: bins that taught it: [door quiet, some, busy, and by hour of
    the day where nobody counts]. `which` of them the bin is."""

    learned: list[float] = field(default_factory=lambda: [0.3] * (_BY_HOUR + 24))
    seen: list[float] = field(default_factory=lambda: [0.0] * (_BY_HOUR + 24))
    which: int = 0

    def turn_to(self, busy: float, at_s: float) -> None:
        """The next bin's kind; `busy`: heat that passages let through, in units of 20 K."""
        if busy <= 0.0 and self.seen[1] + self.seen[2] <= 0.0:
            self.which = _BY_HOUR + int(at_s // 3600.0) % 24
        else:
            self.which = 0 if busy < _QUIET else 1 if busy < _BUSY else 2

    @property
    def own(self) -> float:
        """The spread of such a bin."""
        return self.learned[self.which]

    @property
    def usual(self) -> float:
        """The spread where people pass; where nobody counts them, in such an hour."""
        return self.learned[1 if self.seen[1] > 0.0 else self.which]

    def learn(self, clipped: float) -> None:
        """Takes the clipped residual of such a bin."""
        which = self.which
        self.seen[which] += 1.0
        rate = max(_RATE, 1.0 / (1.0 + self.seen[which]))
        variance = self.learned[which] ** 2
        self.learned[which] = (variance + rate * (clipped * clipped - variance)) ** 0.5
