"""Has the outlet's probe left its heater? Nothing that dies cools as fast; for `outlet` only."""

from __future__ import annotations

from dataclasses import dataclass

_LEAST_SHARE = 0.3
_SIGMAS = 5.0
_SEEN_AGAIN = 0.5


@dataclass(slots=True)
class Probe:
    """`has_fallen_off`: it was warm and from one report to the next colder than if the heater had
    died, which still cools at its own pace; and it has not been warm since."""

    has_fallen_off: bool = False
    last_min: float = 0.0

    def after(
        self, warm_k: float, fallen_k: float, length_min: float, variance: float, typical_k: float
    ) -> None:
        """`warm_k`: heat at the outlet a report ago; `fallen_k`: how much less than its cooling
        explains there is now. After a lost report a fall may have taken longer."""
        is_next, self.last_min = length_min < 1.5 * self.last_min, length_min
        share_k = _LEAST_SHARE * max(warm_k, _LEAST_SHARE * typical_k)
        if is_next and fallen_k > share_k and fallen_k > _SIGMAS * variance**0.5:
            self.has_fallen_off |= warm_k > _LEAST_SHARE * typical_k
        elif warm_k > _SEEN_AGAIN * typical_k:
            self.has_fallen_off = False
