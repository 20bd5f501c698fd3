"""What a heater that gives more or less as it likes usually gives; for heat pumps in `outlet`, and
for radiators whether they give what is wanted (a thermostatic valve throttles them).

It gives none below half of its usual least. It gives little when little is wanted: once heat that
was called weak has come back by itself, little is weak only while the room is below its level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.likelihood import within

STARTED_MIN = 5.0
ALL_SHARE = 0.88
"""Of the heat that is expected: as good as all of it."""
_BACK_MIN = 5.0
_HARDLY_SHARE = 0.25  # of its usual least; a defrost's heat
_STEADY_SHARE = 0.9
_REACHED_K, _WANTED_K = 0.1, 0.5
_ALONE_SHARE, _MOST_ALONE_K = 0.5, 1.0
_SPARE_K = 1.0  # so far above its level a room wants next to nothing


@dataclass(slots=True)
class Modulation:
    """`low_k`: lower quartile of the heat under call. `was_little`: its heat has counted as weak,
    or none, and has not come back since; `back_min`: minutes of all the heat from then on.
    `follows_want`: it came back by itself once. `is_at_rest`: it holds the night's level, at which
    a pump that modulates gives less than by day. `worst_k`: how far below its level the room was
    meanwhile; `alone_k`: how far a healthy heater leaves it alone with little heat. `warm_min`:
    minutes under call since hardly any heat came.
    """

    low_k: float = 0.0
    was_little: bool = False
    back_min: float = 0.0
    follows_want: bool = False
    is_at_rest: bool = False
    worst_k: float = 0.0
    alone_k: float = 0.0
    warm_min: float = STARTED_MIN

    def is_steady(self, typical_k: float) -> bool:
        """Whether it gives as much as it can for most of its time: it switches, and hardly
        modulates."""
        return self.low_k > _STEADY_SHARE * typical_k

    @property
    def is_back(self) -> bool:
        """Whether it has had the time to be as warm as before it last gave hardly any heat."""
        return self.warm_min >= STARTED_MIN

    def none(self, late_min: float, heat_k: float, want_k: float, length: float) -> float:
        """Minutes of evidence that no heat comes, `late_min` after some should have come; a little
        may be all that is wanted."""
        if late_min < 0.0:
            return 0.0
        is_hardly = heat_k <= _HARDLY_SHARE * self.low_k
        self.warm_min = 0.0 if is_hardly else self.warm_min + length
        if heat_k < 0.5 * self.low_k:
            return length if is_hardly else self.wanted(length, want_k)
        return -2.0 * length

    def weak(
        self, step: float, want_k: float, length: float, told: Sequence[Cusum], arrived: float
    ) -> float:
        """What a step of evidence for weak heat is worth; `want_k`: the room below its level.
        `told`: what may say that little comes.

        Of a plain heater what comes back in the first days, in which nothing is told, teaches too.
        """
        is_pump = self.low_k > 0.0
        if any(cusum.is_raised for cusum in told):
            self.was_little = True
            if not is_pump:
                self.worst_k = max(self.worst_k, min(want_k, _MOST_ALONE_K))
        elif is_pump:
            self.was_little = False
        if self.was_little and arrived > ALL_SHARE:
            self.back_min += length
            if self.back_min >= _BACK_MIN:
                self._came_back()
                for cusum in told:
                    cusum.calm()
        if not self.is_back:  # hardly any heat is a defrost, or none at all: never a part of it
            return min(step, 0.0)
        if is_pump and step > 0.0:
            step *= within(max(0.0, (want_k + _SPARE_K) / _WANTED_K), 1.0)
        return self.wanted(step, want_k)

    def _came_back(self) -> None:
        """Half of what was told is taken for healthy, the next time half of what is left."""
        self.follows_want, self.was_little, self.back_min = True, False, 0.0
        self.alone_k += _ALONE_SHARE * max(0.0, self.worst_k - self.alone_k)
        self.worst_k = 0.0

    def wanted(self, step: float, want_k: float) -> float:
        """The step as far as heat is wanted, where little came only because little was."""
        if step <= 0.0 or not (self.follows_want or self.is_at_rest):
            return step
        lacks_k = want_k - self.alone_k + _REACHED_K
        return step * within(max(0.0, lacks_k / _WANTED_K), 1.0)

    def learn(self, heat_k: float, typical_k: float, called_min: float, length_min: float) -> None:
        """The lower quartile after one more minute under call, a step at a time."""
        low_k = self.low_k or max(0.0, heat_k)
        step = max(0.002, 1.0 / (1.0 + called_min)) * max(0.5, typical_k) * length_min
        low_k += step * (0.25 if heat_k > low_k else -0.75)
        self.low_k = max(0.1, min(low_k, max(heat_k, typical_k)))
