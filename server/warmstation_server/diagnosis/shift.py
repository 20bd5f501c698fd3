"""Has the reading been shifted as a whole? A sensor that was moved, against a room that changed.

A shift by J is one jump of the reading that the room's model cannot explain, and afterwards a
pull back towards means that still remember the old reading: the model expects
`-J (a/50 + b/5 + c/5)` in each bin and gets nothing. A room that has really changed shows no such
pull. The two are held against each other bin by bin.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

_JUMP_SIGMAS = 3.0
_REFUTED = -6.0
_FADES_MIN = (1440.0, 60.0, 600.0)
_SUDDEN_MIN = 24.0  # a slow sensor takes so long to show where it was put
_FORGOTTEN_MIN = 1440.0
_SHOWN_MIN, _SHOWN_SHARE = 10.0, 0.35
_SAME_SHARE = 0.5
_ONE_JUMP_MIN = 120.0  # within which a jump grows, as the room's model sees it from more sides


@dataclass(slots=True)
class Shift:
    """`jump_k`: how far the reading seems shifted; `near_k`, `far_k`: what the room's 1 h and 10 h
    means have not followed yet; `score`: nats for a shift. `window_k`: what the last half an hour
    has left unexplained; `sudden_k`: the most it was, `sudden_min` ago, and it began
    `began_min` ago. `gone_k`, `gone_min`: the last one that the thermostat has refuted."""

    jump_k: float = 0.0
    near_k: float = 0.0
    far_k: float = 0.0
    score: float = 0.0
    window_k: float = 0.0
    sudden_k: float = 0.0
    sudden_min: float = 0.0
    began_min: float = 0.0
    gone_k: float = 0.0
    gone_min: float = 0.0

    def pull(self, theta: list[float]) -> float:
        """What the shift adds to the residual of a bin."""
        if self.jump_k == 0.0:
            return 0.0
        return (
            self.jump_k * theta[0] / 50.0
            + self.near_k * theta[1] / 5.0
            + self.far_k * theta[2] / 5.0
        )

    def after(self, error: float, innovation: float, sigma: float, minutes: float) -> None:
        """`error`: residual without, `innovation`: with the shift taken into account."""
        if self.jump_k != 0.0:
            gain = (error * error - innovation * innovation) / (2.0 * sigma * sigma)
            self.score = 0.95 * self.score + max(-3.0, min(3.0, gain))
            self._fade(minutes)
            if self.score < _REFUTED:
                self.jump_k = self.near_k = self.far_k = self.score = 0.0
        if abs(innovation) > _JUMP_SIGMAS * sigma:
            self.jump_k += innovation
            self.near_k += innovation
            self.far_k += innovation
        self._follow(innovation, minutes)

    def seen_by_thermostat(self, off_k: float) -> None:
        """It has switched `off_k` from where it usually does: of a reading that was shifted it
        knows nothing, and would have done so about that far off. What it refutes was the room,
        or the sun, and has gone again within the same half an hour."""
        is_shown = off_k * self.sudden_k > _SHOWN_SHARE * self.sudden_k**2
        if self.sudden_min > _SHOWN_MIN and not is_shown:
            self.gone_k, self.gone_min = self.sudden_k, self.sudden_min
            self.sudden_k = self.window_k = 0.0

    def rose_min(self, least_k: float) -> float:
        """How long ago the reading jumped up by so much, for whatever reason."""
        jumps = ((self.sudden_k, self.sudden_min), (self.gone_k, self.gone_min))
        return min((age for jump_k, age in jumps if jump_k > least_k), default=inf)

    def _follow(self, innovation: float, minutes: float) -> None:
        self.window_k += innovation - self.window_k * min(1.0, minutes / _SUDDEN_MIN)
        self.sudden_k *= 1.0 - min(1.0, minutes / _FORGOTTEN_MIN)
        self.sudden_min += minutes
        self.began_min += minutes
        self.gone_min += minutes
        if abs(self.window_k) > abs(self.sudden_k):
            is_more = self.sudden_k * self.window_k > _SAME_SHARE * self.window_k**2
            if not is_more or self.began_min > _ONE_JUMP_MIN:
                self.began_min = 0.0
            self.sudden_k, self.sudden_min = self.window_k, 0.0

    def _fade(self, minutes: float) -> None:
        fades = [1.0 - min(1.0, minutes / fade) for fade in _FADES_MIN]
        self.jump_k *= fades[0]
        self.near_k *= fades[1]
        self.far_k *= fades[2]
