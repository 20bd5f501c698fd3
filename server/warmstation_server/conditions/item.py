"""One item on the shelf: its level without noise, what was taken, when it was restocked. Pure.

Taken is only what the median of three readings falls below the least since the last restock, so
noise counts once and never again, and a single glitch not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.conditions.forecast import Pace

_RESTOCK = 0.08
_RESTOCK_LASTS_S = 600.0
_DRIFT = 0.02
_DRIFT_LASTS_S = 6 * 3600.0
_AT_ONCE = 0.2
"""So much at once is nobody's portion: it is lost, or the sensor errs; it teaches no pace."""
_JUMP = 0.25
_JUMPS_LEAK_S = 2 * 3600.0
_KEEP = 0.5 ** (1 / (14 * 24))
"""An hour's forgetting: half of what is known is of the last two weeks."""
_LEARNED_H = 20.0
_LEARNED_FALL = 0.05
_LONG_LEARNED_H = 60.0
_FIRST_PHI = 0.02
_FIRST_SPREAD2 = 0.1
_DAYS_OF_PRIOR = 4.0


@dataclass(slots=True)
class Item:
    """What is remembered of one item; levels are shares of full, sums are forgotten slowly."""

    last: float = 0.0
    before: float = 0.0
    floor: float = -1.0
    rise_s: float | None = None
    drift_s: float | None = None
    restocked_s: float | None = None
    restocked_from: float = 0.0
    fell_s: float | None = None
    jumps: float = 0.0
    jumped_s: float = 0.0
    used: float = 0.0
    weighted_h: float = 0.0
    square: float = 0.0
    mean: float = 0.0
    day_square: float = 0.0
    day_mean: float = 0.0
    day_mean2: float = 0.0
    days: float = 0.0
    hour_fall: float = 0.0
    day_fall: float = 0.0
    day_expected: float = 0.0
    due_s: float = 0.0
    judged: float = -1.0

    def after(self, level: float, at_s: float, *, is_expected: bool = False) -> None:
        """One more reading. `is_expected`: somebody entered a restock about now."""
        if self.floor < 0.0:
            self.last = self.before = self.floor = level
            return
        if abs(level - self.last) > _JUMP:
            self._jumped(at_s)
        a, b = self.before, self.last
        median = max(min(a, b), min(max(a, b), level))
        self.before, self.last = b, level
        rise = median - self.floor
        if rise == 0.0 and self.rise_s is None:
            return
        if rise < 0.0:
            self._fell(median, at_s)
        elif rise > _RESTOCK:
            self._rose(median, at_s, 0.0 if is_expected else _RESTOCK_LASTS_S)
        else:
            self._drifted(median, at_s)

    @property
    def rate(self) -> float | None:
        """Share of full per weighted hour; None until a day or so has taught it."""
        is_known = self.weighted_h >= _LEARNED_H and self.used >= _LEARNED_FALL
        if not is_known and self.weighted_h < _LONG_LEARNED_H:
            return None
        return self.used / self.weighted_h

    def pace(self) -> Pace | None:
        """What a forecast needs; None until the rate is known."""
        rate = self.rate
        if rate is None:
            return None
        phi = (self.square + 0.2 * _FIRST_PHI) / (self.mean + 0.2)
        between = max(0.0, self.day_square - phi * self.day_mean)
        prior = _DAYS_OF_PRIOR * (self.day_mean2 / self.days if self.days >= 1.0 else 0.01)
        spread2 = (between + _FIRST_SPREAD2 * prior) / (self.day_mean2 + prior + 1e-9)
        return Pace(rate, min(0.2, phi), min(0.3, max(0.01, spread2)))

    def hour_ended(self, weight: float, share: float) -> None:
        """An hour of which `share` was measured is over."""
        expected_h = weight * share
        rate = self.rate
        if rate is not None:
            expected = rate * expected_h
            self.square = self.square * _KEEP + (self.hour_fall - expected) ** 2
            self.mean = self.mean * _KEEP + expected
            self.day_fall += self.hour_fall
            self.day_expected += expected
        self.used = self.used * _KEEP + self.hour_fall
        self.weighted_h = self.weighted_h * _KEEP + expected_h
        self.hour_fall = 0.0

    def day_ended(self) -> None:
        """Midnight: how unlike the usual was this day as a whole?"""
        if self.day_expected > 0.0:
            keep = _KEEP**24
            self.day_square = self.day_square * keep + (self.day_fall - self.day_expected) ** 2
            self.day_mean = self.day_mean * keep + self.day_expected
            self.day_mean2 = self.day_mean2 * keep + self.day_expected**2
            self.days = self.days * keep + 1.0
        self.day_fall = self.day_expected = 0.0

    def jumps_at(self, at_s: float) -> float:
        """Impossible jumps of late: one leaks away in two hours."""
        return max(0.0, self.jumps - (at_s - self.jumped_s) / _JUMPS_LEAK_S)

    def _jumped(self, at_s: float) -> None:
        self.jumps = min(12.0, self.jumps_at(at_s) + 1.0)
        self.jumped_s = at_s

    def _fell(self, median: float, at_s: float) -> None:
        fall = self.floor - median
        self.floor, self.rise_s, self.drift_s = median, None, None
        if fall > _AT_ONCE:
            self.fell_s = at_s
        else:
            self.hour_fall += fall

    def _rose(self, median: float, at_s: float, lasts_s: float) -> None:
        if self.rise_s is None:
            self.rise_s = at_s
        if at_s - self.rise_s >= lasts_s:
            self.restocked_s, self.restocked_from = self.rise_s, self.floor
            self.floor, self.rise_s, self.drift_s, self.fell_s = median, None, None, None

    def _drifted(self, median: float, at_s: float) -> None:
        """A little above the least for hours is a sensor that drifted, not a gift."""
        self.rise_s = None
        if median - self.floor <= _DRIFT:
            self.drift_s = None
        elif self.drift_s is None:
            self.drift_s = at_s
        elif at_s - self.drift_s >= _DRIFT_LASTS_S:
            self.floor, self.drift_s = median, None
