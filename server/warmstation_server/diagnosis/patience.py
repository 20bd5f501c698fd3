"""How many minutes of evidence an outlet is given, by the kind of heater; for `outlet` only.

A heat pump that defrosts is cold for minutes. Until enough of its own defrosts were seen, it is
given the longest: of n that were seen the next is the longest with a chance of 1 in n + 1. So it is
where it has not run for long at such a temperature; where it has and never was cold, it does not
defrost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_NONE_MIN = {"electric": 3.5, "radiator": 6.0, "heatpump": 7.0}
_WEAK_MIN = {"electric": 3.5, "radiator": 4.0, "heatpump": 6.0}
STUCK_MIN = {"electric": 6.0, "radiator": 9.0, "heatpump": 9.0}
"""Warm without a call."""
_DEFROST_MIN = 7.0
_FROSTS_BELOW_C = 10.0
_SEEN_FOR_WEAK, _SEEN_FOR_NONE = 10, 30
_BAND_C, _BANDS = 2.0, 5  # below 10 °C, down to 0 °C and all that is colder
_RUN_LONG_MIN = 900.0


@dataclass(slots=True)
class Frosts:
    """`run_min`: minutes that a heat pump ran, by outdoor temperature, the mildest first."""

    run_min: list[float] = field(default_factory=lambda: [0.0] * _BANDS)

    def after(self, outdoor: float | None, length: float) -> None:
        """Takes a minute under call."""
        if outdoor is not None and outdoor < _FROSTS_BELOW_C:
            self.run_min[_band(outdoor)] += length

    def may_come(self, outdoor: float | None) -> bool:
        """Whether a defrost may be due that is longer than any that was seen."""
        if outdoor is None:
            return True
        return outdoor < _FROSTS_BELOW_C and self.run_min[_band(outdoor)] < _RUN_LONG_MIN


def _band(outdoor: float) -> int:
    return min(_BANDS - 1, int((_FROSTS_BELOW_C - outdoor) / _BAND_C))


def patience_min(kind: str, defrosts: int, *, may_frost: bool) -> tuple[float, float]:
    """For no heat and for weak heat; `defrosts`: how many were seen."""
    none, weak = _NONE_MIN[kind], _WEAK_MIN[kind]
    if kind == "heatpump" and may_frost:
        none += _DEFROST_MIN if defrosts < _SEEN_FOR_NONE else 0.0
        weak += _DEFROST_MIN if defrosts < _SEEN_FOR_WEAK else 0.0
    return none, weak
