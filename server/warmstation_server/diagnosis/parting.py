"""Do the room's reading and the outlet's part company? A room that cools takes its outlet along.

Through an open door both fall together, and the excess of the outlet over the room stays what the
call makes it. A room sensor that was put into a colder place falls alone: the excess grows by as
much as the reading fell, within the same minutes, long before the thermostat has shown anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.likelihood import clipped_minute, ratio
from warmstation_server.diagnosis.sample import Minute

_MEMORY_MIN = 60.0
_SMOOTH_MIN = 3.0
_LEAST_K = 0.15
_NATS = 2.0
_SHARE = 0.6  # of the fall; what is left may be a draught that came at the same time
_GAIN_SHARE = 0.07  # of the heat: mains and draughts make it more or less for hours
_MOST_SHARE = 3.0
_LEAST_JUMP_K = 0.7
_JUMP_SIGMAS = 7.0
_BEGINS_MIN, _LASTS_MIN = 15.0, 240.0  # after the jump: later something else parts them
_LOWER_MIN = 20.0
_HIGHER_MIN = 100.0  # the sun goes away again


@dataclass(slots=True)
class Parting:
    """`apart_k`: excess beyond what the call explains, lately; `usual_k`: its mean before the
    reading began to fall; `variance`: of the one about the other. [no call, call]: a heat pump
    that runs follows its own mind, one that rests shows the room. `heat_k`: the excess that the
    call explains, without its sign. `lower`, `higher`: minutes for
    which the reading has stood apart by what it had jumped."""

    apart_k: float = 0.0
    usual_k: list[float] = field(default_factory=lambda: [0.0, 0.0])
    variance: list[float] = field(default_factory=lambda: [4.0, 4.0])
    call: int = 0
    heat_k: float = 0.0
    lower: Cusum = field(default_factory=Cusum)
    higher: Cusum = field(default_factory=Cusum)

    def after(self, minute: Minute, explained_k: float | None, *, is_falling: bool) -> None:
        """Takes a minute; `explained_k`: the excess that the call explains, where known."""
        self.call = call = 1 if (minute.call or 0.0) > 0.5 else 0
        if minute.excess_k is None or minute.is_gap or explained_k is None:
            self.apart_k = self.usual_k[call]
            return
        length = minute.length_min
        apart = minute.excess_k - explained_k
        self.heat_k = abs(explained_k)
        self.apart_k += (apart - self.apart_k) * min(1.0, length / _SMOOTH_MIN)
        if is_falling or self.is_apart:
            return
        rate = min(1.0, length / _MEMORY_MIN)
        off = self.apart_k - self.usual_k[call]
        self.usual_k[call] += rate * (apart - self.usual_k[call])
        self.variance[call] += 0.1 * rate * (off * off - self.variance[call])

    def weigh(self, minute: Minute, jump_k: float, age_min: float, sigma: float) -> None:
        """Whether the reading still stands where it has jumped to, `age_min` ago, without its
        outlet: likelihood ratio of "most of the jump is the reading's" against "none of it".
        It begins with the jump and while somebody is there: heat that comes or goes at the
        edges of the day is no hand that moves a sensor."""
        is_new = minute.is_open and age_min < _BEGINS_MIN
        if minute.excess_k is None or minute.is_gap or not (is_new or self.is_apart):
            return
        is_jump = (
            minute.is_open
            and abs(jump_k) > max(_LEAST_JUMP_K, _JUMP_SIGMAS * sigma)
            and age_min < _LASTS_MIN
        )
        length = min(minute.length_min, 5.0)
        step = -2.0
        if is_jump:
            gain_k = _GAIN_SHARE * self.heat_k
            spread = max(_LEAST_K, (self.variance[self.call] + gain_k * gain_k) ** 0.5)
            off = self.apart_k - self.usual_k[self.call]
            if abs(off) < _MOST_SHARE * abs(jump_k):  # a heater too hot parts them by far more
                step = clipped_minute(ratio(off, -_SHARE * jump_k, spread))
        down, up = (step, -2.0) if jump_k < 0.0 else (-2.0, step)
        self.lower.add(down * length, minute.at_s, length, _LOWER_MIN)
        self.higher.add(up * length, minute.at_s, length, _HIGHER_MIN)

    @property
    def is_apart(self) -> bool:
        """Whether the reading seems to stand elsewhere: that is not to become the usual."""
        return self.lower.level > 0.0 or self.higher.level > 0.0

    @property
    def is_raised(self) -> bool:
        """Whether it has stood there for longer than anything that goes away again."""
        return self.lower.is_raised or self.higher.is_raised

    def shows_alone(self, fallen_k: float) -> bool:
        """Whether the reading has fallen without its outlet."""
        return self._nats(fallen_k) > _NATS

    def shows_together(self, fallen_k: float) -> bool:
        """Whether the outlet has fallen with it."""
        return self._nats(fallen_k) < -_NATS

    def _nats(self, fallen_k: float) -> float:
        """Log-likelihood ratio of "most of the fall is the reading's" against "none of it"."""
        if fallen_k <= 0.0:
            return 0.0
        spread = max(_LEAST_K, self.variance[self.call] ** 0.5)
        apart_k = self.apart_k - self.usual_k[self.call]
        return ratio(apart_k, _SHARE * fallen_k, spread)
