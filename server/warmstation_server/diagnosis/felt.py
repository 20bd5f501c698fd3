"""Which heat does the room feel: what the outlet shows, or what was asked for? For `room` only.

The two differ where a probe fell off (asked for, not shown) and where air no longer flows: then
the outlet grows hotter than the call explains, and the room gains no more than before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.likelihood import limited, ratio

_MOST_NATS = 3.0
_LEAST_SIGMAS = 0.2
_SHARE = 0.6  # of what the call implies; a slow radiator brings the rest later
_SURPLUS_SHARE = 0.3  # of what was asked for; who modulates is never known better
_BAR, _HOT_NATS = 12.0, 4.0
TOO_MUCH = 1.7
"""A room that loses so many times the surplus has another trouble."""
_FADES_MIN = 180.0


@dataclass(slots=True)
class Felt:
    """`heated`: nats for heat that was asked for, arrives, and is not seen at the outlet, from
    `bins` bins since the outlet began to show none. `surplus`: heat that the outlet shows beyond
    what was asked for, and the room does not feel."""

    heated: float = 0.0
    bins: float = 0.0
    surplus: Cusum = field(default_factory=Cusum)

    @property
    def is_hot(self) -> bool:
        """Whether the surplus may be real; the room's model must not follow it then."""
        return self.surplus.level > _HOT_NATS

    def judge(self) -> None:
        """Starts anew to weigh whether the room behaves heated."""
        self.heated = self.bins = 0.0

    def weigh(self, error: float, unseen_k: float, sigma: float) -> None:
        """`unseen_k`: what the asked heat would have added beyond what is seen."""
        if abs(unseen_k) > _LEAST_SIGMAS * sigma:
            step = ratio(error, _SHARE * unseen_k, sigma)
            self.heated += max(-_MOST_NATS, min(_MOST_NATS, step))
            self.bins += 1.0

    def weigh_surplus(
        self,
        error: float,
        unseen_k: float,
        asked_k: float,
        sigma: float,
        at_s: float,
        minutes: float,
    ) -> None:
        """`asked_k`: what the asked heat adds in this bin. A bin without heat says nothing."""
        surplus = self.surplus
        if surplus.level > 0.0:
            surplus.level *= 1.0 - min(1.0, minutes / _FADES_MIN)
        if asked_k < sigma:
            return
        step = -1.0
        if unseen_k < -max(_SURPLUS_SHARE * asked_k, sigma):
            is_more = error < TOO_MUCH * unseen_k - sigma
            step = 0.0 if is_more else limited(ratio(error, unseen_k, sigma))
        surplus.add(step, at_s, minutes, _BAR)
