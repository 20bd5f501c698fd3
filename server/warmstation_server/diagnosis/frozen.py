"""Is a sensor repeating itself? Evidence is what a repeat would be worth by its own habit."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log

_NATS = 20.0
_MOST_NATS = 60.0
_LEAST_RUN_S = 1500.0
_MOST_K = 50.0
_RAREST = 0.002  # what was never seen is not impossible
_STEPS = 1.5  # of the sensor, that the room must have gone while it repeats itself
_FIRST_NATS, _FIRST_RUN_S = 60.0, 6.0 * 3600.0  # in the first days: a whole night's worth


@dataclass(slots=True)
class Repeats:
    """A run of identical values against the sensor's own habit of repeating.

    `habit`: probability that a value repeats, learned for quiet and for busy minutes.
    `longest_s`: the longest run that ended by itself. `expected_k`: how far the room should
    have moved in this run, by the room's own model; `longest_k`: the most it was in a run that
    ended by itself; `most_nats`: how incredible the least likely of them was. `low_k`, `high_k`:
    the lowest and highest it should have been since: within a step a coarse sensor is right.
    """

    habit: list[float] = field(default_factory=lambda: [0.9, 0.9])
    value: float | None = None
    since_s: float = 0.0
    nats: float = 0.0
    expected_k: float = 0.0
    low_k: float = 0.0
    high_k: float = 0.0
    longest_s: float = 0.0
    longest_k: float = 0.0
    step_k: float = 1.0
    most_nats: float = 0.0
    is_stuck: bool = False

    def turned_stuck(
        self, value: float, at_s: float, *, is_busy: bool, is_learned: bool, is_young: bool = False
    ) -> bool:
        """True once when the run has become incredible. `is_young`: its longest run may be yet to
        come, so twice the evidence is asked for."""
        kind = 1 if is_busy else 0
        if self.value is None or value != self.value:
            self._changed(value, at_s, kind)
            return False
        habit = self.habit[kind]
        is_first = self.nats <= 0.0  # where reports are an hour apart it is the only one in time
        self.nats -= log(max(_RAREST, min(0.998, habit)))
        if is_first or at_s - self.since_s < 3600.0:
            self.habit[kind] = habit + (1.0 - habit) * 0.002
        if self.is_stuck or (not is_learned and at_s - self.since_s < _FIRST_RUN_S):
            return False
        nats = (2.0 * _NATS if is_young else _NATS) if is_learned else _FIRST_NATS
        self.is_stuck = self.nats >= nats and self._is_incredible(
            at_s - self.since_s, is_learned=is_learned
        )
        return self.is_stuck

    def expect(self, change_k: float) -> None:
        """Adds what the room's model says the value should have moved."""
        self.expected_k += change_k
        self.low_k = min(self.low_k, self.expected_k)
        self.high_k = max(self.high_k, self.expected_k)

    def _is_incredible(self, run_s: float, *, is_learned: bool) -> bool:
        range_k = self.high_k - self.low_k
        if run_s < _LEAST_RUN_S or (is_learned and range_k < _STEPS * self.step_k):
            return False
        by_model = abs(self.expected_k) > max(3.0 * self.step_k, 1.5 * self.longest_k) + 0.3
        by_nats = self.nats > 2.0 * self.most_nats + _NATS
        return by_model or by_nats or run_s > 1.3 * self.longest_s + 120.0

    def _changed(self, value: float, at_s: float, kind: int) -> None:
        if self.value is not None:
            step = abs(value - self.value)
            # A sensor that was stuck comes back elsewhere; the next step is a slow one's.
            is_healthy = not self.is_stuck or step < 1.5 * self.step_k
            self.step_k += 0.02 * (max(step, 1e-3) - self.step_k)
            if is_healthy:
                self._ended(at_s - self.since_s, abs(self.expected_k))
        self.habit[kind] *= 1.0 - 0.002
        self.value, self.since_s = value, at_s
        self.nats = self.expected_k = self.low_k = self.high_k = 0.0
        self.is_stuck = False

    def _ended(self, run_s: float, expected_k: float) -> None:
        """A run that ended by itself; the longest is slowly forgotten."""
        self.longest_s *= 0.99999
        if run_s > self.longest_s:
            self.longest_s = min(run_s, 43200.0)
        self.most_nats = max(self.most_nats * 0.99999, min(self.nats, _MOST_NATS))
        self.longest_k *= 0.99999
        if expected_k > self.longest_k:
            self.longest_k = min(expected_k, _MOST_K)
