"""How far an outlet's minutes lie from its model, with heat and without; for `outlet` only."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_ALIKE = 0.8


@dataclass(slots=True)
class Residuals:
    """`on`, `off`: variances under call and at rest; `squares`, `products`: of neighbours under
    call, `last`: the last residual."""

    on: float = 1.0
    off: float = 1.0
    squares: float = 1.0
    products: float = 0.0
    last: float = 0.0

    @property
    def worth(self) -> float:
        """What a minute is worth beside its neighbours, (1 - r) / (1 + r) for correlation r."""
        r = min(_MOST_ALIKE, max(0.0, self.products / max(1e-6, self.squares)))
        return (1.0 - r) / (1.0 + r)

    def learn_on(self, error: float, last: float, rate: float) -> None:
        """Takes the clipped residuals of a minute under call and of the one before."""
        self.squares += rate * (error * error - self.squares)
        self.products += rate * (error * last - self.products)
        self.on += rate * (error * error - self.on)

    def learn_off(self, error: float, rate: float) -> None:
        """Takes the clipped residual of a minute at rest."""
        self.off += rate * (error * error - self.off)
