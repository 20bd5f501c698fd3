"""Recursive least squares with forgetting: how a link learns its station.

Textbook form (Ljung, System Identification, ch. 11): gain k = P x / (f + x'P x),
theta += k e, P = (P - k x'P) / f. Forgetting pauses while P is already wide, so that weeks
without excitation cannot blow it up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import mul

_WIDEST = 1.0e4


@dataclass(slots=True)
class Regression:
    """A linear model y = theta'x, learned one observation at a time.

    `theta`: coefficients, set to prior values at the start. `spread`: the rows of P.
    """

    theta: list[float]
    spread: list[list[float]] = field(default_factory=list)

    @classmethod
    def of(cls, prior: list[float], width: float) -> Regression:
        """A model that believes `prior` with a variance of `width` for each coefficient."""
        sizes = range(len(prior))
        spread = [[width if row == column else 0.0 for column in sizes] for row in sizes]
        return cls(list(prior), spread)

    def expected(self, x: list[float]) -> float:
        """The model's prediction."""
        return float(sum(map(mul, self.theta, x)))

    def reach(self, x: list[float]) -> list[float]:
        """P x; x'P x is the variance of the prediction in units of the noise's."""
        return [sum(map(mul, row, x)) for row in self.spread]

    def learn(
        self, x: list[float], error: float, forgetting: float, reach: list[float] | None = None
    ) -> None:
        """Moves the coefficients by a prediction error (clipped by the caller)."""
        spread = self.spread
        reach = reach or self.reach(x)
        total = forgetting + sum(map(mul, reach, x))
        share = error / total
        self.theta = [t + r * share for t, r in zip(self.theta, reach)]  # noqa: B905 the hot line
        widest = max([row[n] for n, row in enumerate(spread)])
        widen = 1.0 if widest > _WIDEST else 1.0 / forgetting
        root = (widen / total) ** 0.5
        shares = [r * root for r in reach]
        self.spread = [  # symmetric to the last bit
            [p * widen - mine * q for p, q in zip(row, shares)]  # noqa: B905
            for row, mine in zip(spread, shares)  # noqa: B905
        ]
