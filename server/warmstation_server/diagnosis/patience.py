"""How many minutes of evidence an outlet is given, by the kind of heater; for `outlet` only.

A heat pump that defrosts is cold for minutes. Until enough of its own defrosts were seen, it is
given the longest: of n that were seen the next is the longest with a chance of 1 in n + 1.
"""

from __future__ import annotations

_NONE_MIN = {"electric": 3.5, "radiator": 6.0, "heatpump": 7.0}
_WEAK_MIN = {"electric": 3.5, "radiator": 4.0, "heatpump": 6.0}
STUCK_MIN = {"electric": 6.0, "radiator": 9.0, "heatpump": 9.0}
"""Warm without a call."""
_DEFROST_MIN = 7.0
_FROSTS_BELOW_C = 10.0
_SEEN_FOR_WEAK, _SEEN_FOR_NONE = 10, 30


def patience_min(kind: str, outdoor: float | None, defrosts: int) -> tuple[float, float]:
    """For no heat and for weak heat; `outdoor` in °C, `defrosts`: how many were seen."""
    none, weak = _NONE_MIN[kind], _WEAK_MIN[kind]
    if kind == "heatpump" and (outdoor is None or outdoor < _FROSTS_BELOW_C):
        none += _DEFROST_MIN if defrosts < _SEEN_FOR_NONE else 0.0
        weak += _DEFROST_MIN if defrosts < _SEEN_FOR_WEAK else 0.0
    return none, weak
