"""How long after its call does a pump's heat come? For `outlet` only.

A compressor waits for minutes before it starts again, a fan until its coil is warm. What a station
waits for is its own, and no lack of heat; a call is counted as given only from there on.
"""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.likelihood import within

LATEST_MIN = 5.0
_COLD_SHARE, _BEGUN_SHARE, _BEGUN_K = 0.25, 0.1, 1.0
_HALF = 0.5  # of what it usually gives at least
_STEP_MIN, _FIRST_STEP_MIN, _FADES = 0.1, 2.0, 0.05


@dataclass(slots=True)
class Starts:
    """`delay_min`: from a call until heat begins to come, the median of `seen` starts from cold.
    `late_min`: until half of the usual least has come, the longest; slowly forgotten. `from_k`: the
    excess at the start that is being watched, None where none is; `has_begun`: its heat has."""

    delay_min: float = 0.0
    late_min: float = LATEST_MIN
    seen: int = 0
    from_k: float | None = None
    has_begun: bool = False

    def share(self, run_min: float, length_min: float) -> float:
        """Of the last `length_min` of a call that has lasted `run_min`: what came after the
        delay."""
        return min(1.0, max(0.0, (run_min - self.delay_min) / length_min))

    def after(
        self, run_min: float, length_min: float, before_k: float, heat_k: float, usual_k: float
    ) -> None:
        """Takes a healthy minute; `before_k`, `heat_k`: heat at the outlet a minute ago and now,
        `usual_k`: the usual least."""
        if run_min <= length_min:
            is_start = run_min > 0.0 and before_k < _COLD_SHARE * usual_k
            self.from_k, self.has_begun = before_k if is_start else None, False
        if self.from_k is None:
            return
        if not self.has_begun and heat_k - self.from_k > max(_BEGUN_K, _BEGUN_SHARE * usual_k):
            self.has_begun = True
            self.seen += 1
            step_min = max(_STEP_MIN, _FIRST_STEP_MIN / self.seen)
            self.delay_min += within(run_min - length_min - self.delay_min, step_min)
        if heat_k >= _HALF * usual_k:
            late_min = self.late_min - _FADES * max(0.0, self.late_min - run_min)
            self.late_min = min(LATEST_MIN, max(run_min, late_min))
            self.from_k = None
