"""How much a resistive heater draws when it is called for: one level, or those of its stages.

Minutes are counted by level, in bins of a tenth. A draw below the most that it has hardly ever
had is weak. One that is a lower stage's is weak only where the room is colder than that stage was
ever left alone with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.sample import Minute

_BINS, _MIDDLE = 32, 18
_LOG_WIDTH = log(1.1)
_USUAL_MIN, _USUAL_SHARE = 15.0, 0.003
_MEMORY_MIN = 10000.0
_ODD_MIN, _LEFT_ALONE_MIN = 4.0, 20.0
_SEEN_ENOUGH_MIN = 60.0
_BELOW_TOP = 4  # bins: a draw so near the top is the top, on a bad mains
_SIGMAS, _MARGIN_K = 3.0, 0.3
_RATE = 0.002


@dataclass(slots=True)
class Draws:
    """`minutes`: by level; `unit_w`: the first usual draw, a scale for ever; `top`, `bottom`: the
    highest and the lowest usual level. `room_mean`, `room_spread`: where the room is in open hours
    while a lower stage is enough, of `room_min`."""

    unit_w: float = 0.0
    minutes: list[float] = field(default_factory=lambda: [0.0] * _BINS)
    total_min: float = 0.0
    top: int = _MIDDLE
    bottom: int = _MIDDLE
    room_mean: float = 0.0
    room_spread: float = 0.5
    room_min: float = 0.0
    odd: Cusum = field(default_factory=Cusum)
    left_alone: Cusum = field(default_factory=Cusum)

    @property
    def is_weak(self) -> bool:
        """Whether too little has been drawn for long enough."""
        return self.odd.is_raised or self.left_alone.is_raised

    @property
    def since_s(self) -> float:
        """When what is weak began."""
        return self.odd.since_s if self.odd.is_raised else self.left_alone.since_s

    def fed(self, watts: float) -> float:
        """A draw in units that never change."""
        share = watts / self.unit_w
        return share if share > 0.1 else 0.0

    @property
    def lowest_w(self) -> float:
        """The lowest usual draw."""
        return self.unit_w * float(1.1 ** (self.bottom - _MIDDLE))

    def after(
        self, minute: Minute, watts: float, length: float, *, may_learn: bool, is_sure: bool = True
    ) -> None:
        """Takes a minute under call that draws something. `is_sure`: what it draws may count."""
        level = min(_BINS - 1, max(0, _MIDDLE + round(log(watts / self.unit_w) / _LOG_WIDTH)))
        if self.total_min > _SEEN_ENOUGH_MIN and is_sure:
            is_lower = level < self.top - _BELOW_TOP
            is_odd = is_lower and not self._is_usual(level)
            self.odd.add(length if is_odd else -2.0 * length, minute.at_s, length, _ODD_MIN)
            self._see_room(minute, length, is_lower=is_lower and not is_odd, may_learn=may_learn)
        if may_learn:
            self._count(level, length)

    def _see_room(self, minute: Minute, length: float, *, is_lower: bool, may_learn: bool) -> None:
        room = minute.room
        if room is None or minute.regime != 0:
            return
        floor = self.room_mean - _SIGMAS * self.room_spread - _MARGIN_K
        if self.room_min > _SEEN_ENOUGH_MIN:
            step = length if is_lower and room < floor else -3.0 * length
            self.left_alone.add(step, minute.at_s, length, _LEFT_ALONE_MIN)
        if not is_lower or not may_learn:
            return
        self.room_min += length
        rate = min(1.0, max(_RATE, 1.0 / self.room_min) * length)
        off = room - self.room_mean
        self.room_mean += rate * off
        variance = (1.0 - rate) * (self.room_spread**2 + rate * off * off)
        self.room_spread = max(0.1, variance**0.5)

    def _is_usual(self, level: int) -> bool:
        around = sum(self.minutes[max(0, level - 1) : level + 2])
        return around >= max(_USUAL_MIN, _USUAL_SHARE * self.total_min)

    def _count(self, level: int, length: float) -> None:
        self.minutes[level] += length
        self.total_min += length
        if self.total_min > _MEMORY_MIN:
            self.minutes = [0.5 * count for count in self.minutes]
            self.total_min *= 0.5
            usual = [n for n in range(_BINS) if self._is_usual(n)]
            self.top, self.bottom = max(usual), min(usual)
        elif not self.bottom <= level <= self.top and self._is_usual(level):
            self.top, self.bottom = max(self.top, level), min(self.bottom, level)
