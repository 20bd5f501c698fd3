"""How long do riders hold this station's door open? For `opening` only.

Whoever was seen to do so does it again, and about as long: two spreads beyond the mean of the
station's own, one in forty lasts longer. While few were seen, some of other stations stand in.
"""

from __future__ import annotations

from dataclasses import dataclass

_MEMORY_DAYS = 90.0
_USUAL_MIN, _SPREAD_MIN, _WORTH = 9.0, 2.5, 4.0  # of other stations' riders, worth so many seen
_SPREADS = 2.0
_KNOWN_DAYS = 11.0
_CALM_MIN, _UNKNOWN_MIN = 6.0, 16.0
_SEEN = 0.5  # of one that was seen two months ago so much is left


@dataclass(slots=True)
class Holds:
    """`count`, `total_min`, `squares`: of doors that were held, by how far from the usual
    minutes, slowly forgotten; `days`: for how long riders were watched."""

    count: float = 0.0
    total_min: float = 0.0
    squares: float = 0.0
    days: float = 0.0

    def watched(self, minutes: float) -> None:
        """Time goes by."""
        self.days += minutes / 1440.0
        if self.count > 0.0:
            kept = 1.0 - minutes / 1440.0 / _MEMORY_DAYS
            self.count *= kept
            self.total_min *= kept
            self.squares *= kept

    def ended(self, lasted_min: float) -> None:
        """A door was held and let go."""
        off = lasted_min - _USUAL_MIN
        self.count += 1.0
        self.total_min += off
        self.squares += off * off

    @property
    def patience_min(self) -> float:
        """What stands open for longer was hardly left so by a rider."""
        if self.count < _SEEN:
            return _CALM_MIN if self.days > _KNOWN_DAYS else _UNKNOWN_MIN
        seen = self.count + _WORTH
        mean = self.total_min / seen
        variance = (self.squares + _WORTH * _SPREAD_MIN**2) / seen - mean * mean
        return float(_USUAL_MIN + mean + _SPREADS * max(1.0, variance) ** 0.5)
