"""Where the room usually is while heat is called for, by day and by night; for `outlet` only."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.likelihood import within

_BAND_K = 1.5  # beyond this distance from its level a modulating heater gives all it has
_SET_BACK_K = 1.0
_LOSS_RATE, _LOSS_MARGIN = 0.02, 0.05


@dataclass(slots=True)
class Level:
    """`usual`: mean room temperature under call, over `minutes`: [by day, by night]. `most_loss`:
    the most that the room lost meanwhile, for an hour, in units of 20 K above outdoor."""

    usual: list[float] = field(default_factory=lambda: [0.0, 0.0])
    minutes: list[float] = field(default_factory=lambda: [0.0, 0.0])
    most_loss: float = 0.0

    def want(self, room: float, regime: int | None) -> float:
        """How far the room lies below its level, in K, as far as a heater minds; in the hours
        before opening, when nobody tells which level holds, the lesser."""
        level = min(self.usual) if regime is None else self.usual[regime]
        return within(level - room, _BAND_K)

    @property
    def is_set_back(self) -> bool:
        """Whether the night has a level of its own, below the day's."""
        return 0.0 < self.usual[1] < self.usual[0] - _SET_BACK_K

    def is_far(self, room: float, loss: float | None, regime: int | None) -> bool:
        """Whether a model that was taught here is asked about a room colder than it usually is, or
        weather colder than it has seen for long. Where nobody tells the weather, and while nobody
        tells which level holds, it always may be."""
        if loss is None or regime is None:
            return True
        return room < max(self.usual) - _BAND_K or loss > self.most_loss + _LOSS_MARGIN

    def learn(self, room: float, loss: float, length: float, by_night: int) -> None:
        """Takes a minute under call."""
        if loss > self.most_loss:
            self.most_loss += min(1.0, _LOSS_RATE * length) * (loss - self.most_loss)
        self.minutes[by_night] += length
        rate = max(0.001, 1.0 / self.minutes[by_night]) * length
        self.usual[by_night] += rate * (room - self.usual[by_night])
