"""Has the reading been shifted as a whole? A sensor that was moved, against a room that changed.

A shift by J is one jump of the reading that the room's model cannot explain, and afterwards a
pull back towards means that still remember the old reading: the model expects
`-J (a/50 + b/5 + c/5)` in each bin and gets nothing. A room that has really changed shows no such
pull. The two are held against each other bin by bin.
"""

from __future__ import annotations

from dataclasses import dataclass

_JUMP_SIGMAS = 3.0
_REFUTED = -6.0
_FADES_MIN = (1440.0, 60.0, 600.0)
_SUDDEN_MIN = 24.0  # a slow sensor takes so long to show where it was put
_FORGOTTEN_MIN = 1440.0


@dataclass(slots=True)
class Shift:
    """`jump_k`: how far the reading seems shifted; `near_k`, `far_k`: what the room's 1 h and 10 h
    means have not followed yet; `score`: nats for a shift. `window_k`: what the last half an hour
    has left unexplained; `sudden_k`: the most it was, `sudden_min` ago."""

    jump_k: float = 0.0
    near_k: float = 0.0
    far_k: float = 0.0
    score: float = 0.0
    window_k: float = 0.0
    sudden_k: float = 0.0
    sudden_min: float = 0.0

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

    def _follow(self, innovation: float, minutes: float) -> None:
        self.window_k += innovation - self.window_k * min(1.0, minutes / _SUDDEN_MIN)
        self.sudden_k *= 1.0 - min(1.0, minutes / _FORGOTTEN_MIN)
        self.sudden_min += minutes
        if abs(self.window_k) > abs(self.sudden_k):
            self.sudden_k, self.sudden_min = self.window_k, 0.0

    def _fade(self, minutes: float) -> None:
        fades = [1.0 - min(1.0, minutes / fade) for fade in _FADES_MIN]
        self.jump_k *= fades[0]
        self.near_k *= fades[1]
        self.far_k *= fades[2]
