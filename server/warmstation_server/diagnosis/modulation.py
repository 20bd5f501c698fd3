"""What a heater that gives more or less as it likes usually gives; for heat pumps in `outlet`, and
for radiators whether they give what is wanted (a thermostatic valve throttles them).

It gives none below half of its usual least. It gives little when little is wanted: once heat that
was called weak has come back by itself, little is weak only while the room is below its level.
"""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.likelihood import within

STARTED_MIN = 5.0
ALL_SHARE = 0.88
"""Of the heat that is expected: as good as all of it."""
_BACK_MIN = 5.0
_STEADY_SHARE = 0.9
_REACHED_K, _WANTED_K = 0.1, 0.5


@dataclass(slots=True)
class Modulation:
    """`low_k`: lower quartile of the heat under call. `back_min`: minutes of all the heat while it
    counts as weak. `follows_want`: it came back by itself once.
    """

    low_k: float = 0.0
    back_min: float = 0.0
    follows_want: bool = False

    def is_steady(self, typical_k: float) -> bool:
        """Whether it gives as much as it can for most of its time: it switches, and hardly
        modulates."""
        return self.low_k > _STEADY_SHARE * typical_k

    def none(self, run_min: float, heat_k: float) -> float:
        """A step of evidence that no heat comes."""
        if run_min < STARTED_MIN:
            return 0.0
        return 1.0 if heat_k < 0.5 * self.low_k else -2.0

    def weak(self, step: float, want_k: float, length: float, told: Cusum, arrived: float) -> float:
        """What a step of evidence for weak heat is worth; `want_k`: the room below its level."""
        if told.is_raised and arrived > ALL_SHARE:
            self.back_min += length
            if self.back_min >= _BACK_MIN:
                self.follows_want, self.back_min = True, 0.0
                told.calm()
        return self.wanted(step, want_k)

    def wanted(self, step: float, want_k: float) -> float:
        """The step as far as heat is wanted, where little came only because little was."""
        if step <= 0.0 or not self.follows_want:
            return step
        return step * within(max(0.0, (want_k + _REACHED_K) / _WANTED_K), 1.0)

    def learn(self, heat_k: float, typical_k: float, called_min: float, length_min: float) -> None:
        """The lower quartile after one more minute under call, a step at a time."""
        low_k = self.low_k or max(0.0, heat_k)
        step = max(0.002, 1.0 / (1.0 + called_min)) * max(0.5, typical_k) * length_min
        low_k += step * (0.25 if heat_k > low_k else -0.75)
        self.low_k = max(0.1, min(low_k, max(heat_k, typical_k)))
