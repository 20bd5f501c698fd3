"""Does the heater give less than it did weeks ago? The short models follow wear; this does not."""

from __future__ import annotations

from dataclasses import dataclass

_REFERENCE_MIN = 4000.0  # called minutes: about a fortnight of a heater that works a fifth of it
_SETTLE_MIN = 600.0
_WORN_SHARE = 0.72
_WORN_MIN = 600.0


@dataclass(slots=True)
class Wear:
    """The heat a full call settles at, then and now, in K of outlet excess.

    `reference_k`: mean over the first fortnight, never forgotten; `worn_min`: called minutes
    in a row below 72 % of it.
    """

    reference_k: float = 0.0
    seen_min: float = 0.0
    worn_min: float = 0.0

    def after(self, gain_k: float, length_min: float) -> None:
        """Takes the outlet model's gain of one learned, called minute."""
        self.seen_min += length_min
        if self.seen_min < _SETTLE_MIN:
            return
        learned_min = self.seen_min - _SETTLE_MIN + length_min
        if learned_min <= _REFERENCE_MIN:
            self.reference_k += (gain_k - self.reference_k) * length_min / learned_min
        elif gain_k < _WORN_SHARE * self.reference_k:
            self.worn_min += length_min
        else:
            self.worn_min = 0.0

    @property
    def is_worn(self) -> bool:
        """Whether the loss has lasted."""
        return self.worn_min > _WORN_MIN
