"""Where the room usually is while heat is called for, by day and by night; for `outlet` only."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.likelihood import within

_BAND_K = 1.5  # beyond this distance from its level a modulating heater gives all it has


@dataclass(slots=True)
class Level:
    """`usual`: mean room temperature under call, over `minutes`: [by day, by night]."""

    usual: list[float] = field(default_factory=lambda: [0.0, 0.0])
    minutes: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def want(self, room: float, regime: int | None) -> float:
        """How far the room lies below its level, in K, as far as a heater minds; in the hours
        before opening, when nobody tells which level holds, the lesser."""
        level = min(self.usual) if regime is None else self.usual[regime]
        return within(level - room, _BAND_K)

    def learn(self, room: float, length: float, by_night: int) -> None:
        """Takes a minute under call."""
        self.minutes[by_night] += length
        rate = max(0.001, 1.0 / self.minutes[by_night]) * length
        self.usual[by_night] += rate * (room - self.usual[by_night])
