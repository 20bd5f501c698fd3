"""Do the room's reading and the outlet's part company? A room that cools takes its outlet along.

Through an open door both fall together, and the excess of the outlet over the room stays what the
call makes it. A room sensor that was put into a colder place falls alone: the excess grows by as
much as the reading fell, within the same minutes, long before the thermostat has shown anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.likelihood import ratio
from warmstation_server.diagnosis.sample import Minute

_MEMORY_MIN = 60.0
_SMOOTH_MIN = 3.0
_LEAST_K = 0.15
_NATS = 2.0
_SHARE = 0.6  # of the fall; what is left may be a draught that came at the same time


@dataclass(slots=True)
class Parting:
    """`apart_k`: excess beyond what the call explains, lately; `usual_k`: its mean before the
    reading began to fall; `variance`: of the one about the other. [no call, call]: a heat pump
    that runs follows its own mind, one that rests shows the room."""

    apart_k: float = 0.0
    usual_k: list[float] = field(default_factory=lambda: [0.0, 0.0])
    variance: list[float] = field(default_factory=lambda: [4.0, 4.0])
    call: int = 0

    def after(self, minute: Minute, explained_k: float | None, *, is_falling: bool) -> None:
        """Takes a minute; `explained_k`: the excess that the call explains, where known."""
        self.call = call = 1 if (minute.call or 0.0) > 0.5 else 0
        if minute.excess_k is None or minute.is_gap or explained_k is None:
            self.apart_k = self.usual_k[call]
            return
        length = minute.length_min
        apart = minute.excess_k - explained_k
        self.apart_k += (apart - self.apart_k) * min(1.0, length / _SMOOTH_MIN)
        if is_falling:
            return
        rate = min(1.0, length / _MEMORY_MIN)
        off = self.apart_k - self.usual_k[call]
        self.usual_k[call] += rate * (apart - self.usual_k[call])
        self.variance[call] += 0.1 * rate * (off * off - self.variance[call])

    def shows_alone(self, fallen_k: float) -> bool:
        """Whether the reading has fallen without its outlet: likelihood ratio of "most of the
        fall is the reading's" against "none of it"."""
        spread = max(_LEAST_K, self.variance[self.call] ** 0.5)
        alone_k = _SHARE * fallen_k
        apart_k = self.apart_k - self.usual_k[self.call]
        return alone_k > 0.0 and ratio(apart_k, alone_k, spread) > _NATS
