"""How much colder the reading of a room that falls fast is when the call comes.

And how much warmer, in one that rises, when it ends: the thermostat's own sensor and the reading
are not equally slow, and a reading is a minute late. Where heat comes and goes with force, that is
most of the scatter of the switching levels.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.likelihood import within

_SLOW_MIN = 4.0
_RATE = 0.03
_SEEN_ENOUGH = 8.0
_LEAST_K = 0.05
_SIGMAS = 3.0
_MOST = 1.5


@dataclass(slots=True)
class Lead:
    """`slow_c`: the reading of some minutes ago; what it has changed since is the lead in K.

    [off, on]: mean and variance of the lead at a switching, its covariance with the reading's."""

    slow_c: float | None = None
    lead_k: float = 0.0
    seen: list[float] = field(default_factory=lambda: [0.0, 0.0])
    mean: list[float] = field(default_factory=lambda: [0.0, 0.0])
    variance: list[float] = field(default_factory=lambda: [0.0, 0.0])
    covariance: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def after(self, room: float, minutes: float) -> None:
        """Takes a minute's reading."""
        if self.slow_c is None:
            self.slow_c = room
        self.slow_c += (room - self.slow_c) * min(1.0, minutes / _SLOW_MIN)
        self.lead_k = room - self.slow_c

    def part_k(self, which: int) -> float:
        """What of the reading is owed to how fast it changes now, for a switching on (1) or off."""
        if self.seen[which] < _SEEN_ENOUGH:
            return 0.0
        spread = max(_LEAST_K, self.variance[which] ** 0.5)
        slope = within(self.covariance[which] / (spread * spread), _MOST)
        return max(0.0, slope) * within(self.lead_k - self.mean[which], _SIGMAS * spread)

    def learn(self, which: int, off_k: float) -> None:
        """A switching: `off_k` is how far from the mean the reading was."""
        self.seen[which] += 1.0
        rate = max(_RATE, 1.0 / self.seen[which])
        off = self.lead_k - self.mean[which]
        self.mean[which] += rate * off
        self.variance[which] += rate * ((1.0 - rate) * off * off - self.variance[which])
        self.covariance[which] += rate * ((1.0 - rate) * off * off_k - self.covariance[which])
