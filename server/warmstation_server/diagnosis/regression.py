"""Recursive least squares with forgetting: how a link learns its station.

Textbook form (Ljung, System Identification, ch. 11): gain k = P x / (f + x'P x),
theta += k e, P = (P - k x'P) / f. A coefficient whose own variance is already wide forgets no
more, so that weeks without excitation cannot blow it up; the others go on forgetting, or a door
that nobody counts would end all learning: P = D (P - k x'P) D, with 1 or f^-1/2 on D's diagonal.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter, mul
from typing import NamedTuple

_WIDEST = 1.0e4
_Some = Callable[[Sequence[float]], tuple[float, ...]]


class _Triangle(NamedTuple):
    """Where what is in the lower triangle of a symmetric matrix, row after row.

    `rows`: the whole rows; `diagonal`: the variances; `left`, `right`: for each entry, of which
    two coefficients it is.
    """

    rows: tuple[_Some, ...]
    diagonal: _Some
    left: _Some
    right: _Some


@dataclass(slots=True)
class Regression:
    """A linear model y = theta'x, learned one observation at a time.

    `theta`: coefficients, set to prior values at the start. `spread`: P, which is symmetric: its
    lower triangle, bare doubles, for a country has 200,000 of these.
    """

    theta: list[float]
    spread: array[float] = field(default_factory=lambda: array("d"))

    @classmethod
    def of(cls, prior: list[float], width: float) -> Regression:
        """A model that believes `prior` with a variance of `width` for each coefficient."""
        return cls(list(prior), array("d", _diagonal(len(prior), width)))

    def expected(self, x: list[float]) -> float:
        """The model's prediction."""
        return float(sum(map(mul, self.theta, x)))

    def reach(self, x: list[float]) -> list[float]:
        """P x; x'P x is the variance of the prediction in units of the noise's."""
        spread = self.spread
        return [sum(map(mul, row(spread), x)) for row in _triangle(len(x)).rows]

    def learn(
        self, x: list[float], error: float, forgetting: float, reach: list[float] | None = None
    ) -> None:
        """Moves the coefficients by a prediction error (clipped by the caller)."""
        spread, triangle = self.spread, _triangle(len(x))
        reach = reach or self.reach(x)
        total = forgetting + sum(map(mul, reach, x))
        share = error / total
        self.theta = [t + r * share for t, r in zip(self.theta, reach)]  # noqa: B905 the hot line
        widen = 1.0 / forgetting
        root = (widen / total) ** 0.5
        shares = [r * root for r in reach]
        left, right = triangle.left(shares), triangle.right(shares)
        new = [p * widen - a * b for p, a, b in zip(spread, left, right)]  # noqa: B905
        variances = triangle.diagonal(new)
        if max(variances) > _WIDEST:
            narrow = forgetting**0.5
            each = [narrow if p > _WIDEST else 1.0 for p in variances]
            new = list(map(mul, new, map(mul, triangle.left(each), triangle.right(each))))
        self.spread = array("d", new)


@lru_cache
def _triangle(size: int) -> _Triangle:
    def at(row: int, column: int) -> int:
        row, column = max(row, column), min(row, column)
        return row * (row + 1) // 2 + column

    sizes = range(size)
    entries = [(row, column) for row in sizes for column in range(row + 1)]
    return _Triangle(
        tuple(itemgetter(*(at(row, column) for column in sizes)) for row in sizes),
        itemgetter(*(at(row, row) for row in sizes)),
        itemgetter(*(row for row, _ in entries)),
        itemgetter(*(column for _, column in entries)),
    )


@lru_cache
def _diagonal(size: int, width: float) -> tuple[float, ...]:
    return tuple(
        width if row == column else 0.0 for row in range(size) for column in range(row + 1)
    )
