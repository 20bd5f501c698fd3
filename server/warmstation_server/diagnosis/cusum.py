"""Page's cumulative sum of log-likelihood steps, with a threshold that knows the station.

The steps are clipped by the caller to at most one a minute where neighbouring minutes are not
independent; the level then reads as "minutes of consistent evidence".
"""

from __future__ import annotations

from dataclasses import dataclass

_USUAL_MARGIN = 1.25
_USUAL_LIMIT = 3.0
_USUAL_MIN = 15.0
_HOLDS_S = 48.0 * 3600.0
_FORGET_S = 120.0 * 86400.0


@dataclass(slots=True)
class Cusum:
    """Evidence that one thing is wrong.

    `usual`: the highest excursion that went away by itself, slowly forgotten: a defrost that
    returns every hour raises the bar for its own station and no other. `excursions`: how many
    of some size there were.
    """

    level: float = 0.0
    since_s: float = 0.0
    usual: float = 0.0
    usual_at_s: float = 0.0
    peak: float = 0.0
    excursions: int = 0
    is_raised: bool = False

    def add(self, step: float, at_s: float, minutes: float, threshold: float) -> bool:
        """Adds a step; True while the evidence is beyond the threshold and not withdrawn."""
        level = self.level
        if level <= 0.0 >= step:
            return False
        if level <= 0.0:
            self.since_s = at_s - 60.0 * minutes
        level += step
        if level <= 0.0:
            self._subside(at_s, threshold)
            level = 0.0
        elif level > threshold:
            bar = max(threshold, self.usual * _USUAL_MARGIN + 1.0)
            if level > bar:
                self.is_raised = True
                level = min(level, bar + 4.0)
        if level > self.peak:
            self.peak = level
        self.level = level
        return self.is_raised

    def holds(self, level: float, at_s: float) -> bool:
        """Whether learning must wait for it: beyond a level, and not yet for days (a model that
        erred must be able to mend)."""
        return self.level > level and at_s - self.since_s < _HOLDS_S

    def calm(self) -> None:
        """Forgets an excursion that nobody was to be told of."""
        self.level = self.peak = 0.0
        self.is_raised = False

    def end(self, at_s: float) -> None:
        """What was told of it is over: the next that is told needs evidence of its own."""
        if self.is_raised:
            self._subside(at_s, 0.0)
            self.level = 0.0

    def _subside(self, at_s: float, threshold: float) -> None:
        faded = min(1.0, max(0.0, at_s - self.usual_at_s) / _FORGET_S)
        self.usual, self.usual_at_s = self.usual * (1.0 - faded), at_s
        self.excursions += self.peak > 0.25 * threshold
        if self.peak > self.usual:
            self.usual = min(self.peak, max(_USUAL_MIN, _USUAL_LIMIT * threshold))
        self.peak = 0.0
        self.is_raised = False
