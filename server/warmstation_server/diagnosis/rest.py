"""What the outlet's sensor shows above the room's while no heat comes; for `outlet` only.

Learned after a rest of several of the heater's own time constants, never from minutes under call:
what a pump modulates would else be taken for a difference of two sensors. Where the outlet itself
says what is called for, what is left of its warmth, or trickles in, counts as no call: there only
an outlet that is cooler than the room shows a difference of the sensors.
"""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.diagnosis.likelihood import within
from warmstation_server.diagnosis.sample import Minute

_LEAST_MIN, _TIME_CONSTANTS = 20.0, 3.0
_MEMORY_MIN = 600.0
_MOST_K = 4.0


@dataclass(slots=True)
class Rest:
    """`offset_k`: mean excess of `seen_min` minutes without heat; `rested_min`: of this rest."""

    offset_k: float = 0.0
    rested_min: float = 0.0
    seen_min: float = 0.0

    def after(
        self, minute: Minute, fed: float, kept: float, length: float, *, may_learn: bool
    ) -> None:
        """Takes a minute; `kept`: share of its heat that the outlet keeps over a minute."""
        z = minute.excess_k
        if z is None:
            return
        if fed > 0.0:
            self.rested_min = 0.0
            return
        self.rested_min += length
        if may_learn and self.rested_min > max(_LEAST_MIN, _TIME_CONSTANTS / (1.0 - kept)):
            self.seen_min += length
            z = min(z, 0.0) if minute.call_is_outlets else z
            off_k = within(z, _MOST_K) - self.offset_k
            self.offset_k += off_k * length / min(self.seen_min, _MEMORY_MIN)
