"""What an hour of the week is usually like: a place lives by days and weeks."""

from __future__ import annotations

from dataclasses import dataclass, field

_HOURS = 168
_WEEKS = 4.0


@dataclass(slots=True)
class Habit:
    """How far each hour of the week lies off the mean, of the latest four weeks or so.

    The first week counts half: what was seen once is no habit yet. `total`, `count`: of the
    hour that is running.
    """

    off: list[float] = field(default_factory=lambda: [0.0] * _HOURS)
    weeks: list[float] = field(default_factory=lambda: [1.0] * _HOURS)
    hour: int = -1
    total: float = 0.0
    count: int = 0

    def at(self, at_s: float) -> float:
        """How far off the mean this hour usually is."""
        return self.off[int(at_s // 3600.0) % _HOURS]

    def learn(self, at_s: float, off: float) -> None:
        """Takes one value; an hour counts once it is over."""
        hour = int(at_s // 3600.0) % _HOURS
        if hour != self.hour:
            if self.count:
                self._close(self.hour)
            self.hour, self.total, self.count = hour, 0.0, 0
        self.total += off
        self.count += 1

    def _close(self, hour: int) -> None:
        self.weeks[hour] = min(_WEEKS, self.weeks[hour] + 1.0)
        self.off[hour] += (self.total / self.count - self.off[hour]) / self.weeks[hour]
