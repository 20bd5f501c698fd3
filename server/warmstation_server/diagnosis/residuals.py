"""How far an outlet's minutes lie from its model, with heat, without, and where it was switched;
for `outlet` only."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.likelihood import within

_MOST_ALIKE = 0.8
_MEMORY, _SEEN_ENOUGH = 200.0, 40.0  # switchings
_MOST_SPREADS, _LONGER = 4.0, 1.3


@dataclass(slots=True)
class Residuals:
    """`on`, `off`: variances under call and at rest; `squares`, `products`: of neighbours under
    call, `last`: the last residual. `switched`: variance of minutes in which the call changed by
    all there is, `switches` of them, `usual_min` long."""

    on: float = 1.0
    off: float = 1.0
    switched: float = 4.0
    switches: float = 0.0
    usual_min: float = 1.0
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

    def learn_switched(self, error: float, change: float, length: float) -> None:
        """Takes the residual of a minute in which the call changed."""
        self.switches += 1.0
        rate = 1.0 / min(_MEMORY, 1.0 + self.switches)
        self.usual_min += rate * (length - self.usual_min)
        bound = _MOST_SPREADS * self.switched**0.5
        off = within(error / change, bound)
        self.switched += rate * (off * off - self.switched)

    def switched_noise(self, change: float, length: float) -> float | None:
        """The variance of such a minute; None where few were seen, or after a lost report."""
        if self.switches < _SEEN_ENOUGH or length > _LONGER * self.usual_min:
            return None
        return max(self.on, change * change * self.switched)

    def learn_off(self, error: float, rate: float) -> None:
        """Takes the clipped residual of a minute at rest."""
        self.off += rate * (error * error - self.off)
