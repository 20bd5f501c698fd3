"""The second link, call -> power, for heaters with a meter.

References are learned from the station itself; minutes are evidence, clipped to one each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.draws import Draws
from warmstation_server.diagnosis.oddly import Oddly
from warmstation_server.diagnosis.sample import APART_MIN, Minute

_LEARN, _FADES = 0.01, 1.0e-5
_NONE_MIN = {"electric": 1.5, "radiator": 2.5, "heatpump": 2.5}
_WEAK_MIN = 4.0
_STUCK_MIN = {"electric": 3.0, "radiator": 6.0, "heatpump": 6.0}
_SEEN_ENOUGH = 10
_IDLES_KNOWN = 200
_ZERO_RATE = 0.002
_ZERO_NATS = 12.0
_ZERO_LEAST = 0.05
_ZERO_USUAL = 0.9  # a meter that shows nothing at rest is no witness
_MOST_MIN = 1.4  # a sample counts for no more, however rare: one alone proves nothing
_NEVER_MIN, _ALMOST, _HARDLY = 1.0e6, 0.9, 0.02


@dataclass(slots=True)
class Power:
    """What the heater draws against what was called for, in watts.

    `on_w`: usual draw under full call; `low_w`: its lower decile; `most_w`: the most of it;
    `idle_w`: draw without a call.
    `zero_habit`: how likely an idle minute reads nothing at all; `zero_nats`: how unlikely the
    present run of such minutes is. `nothing`, `little`, `uncalled`: what it draws under call, or
    without one, where samples are far apart.
    """

    on_w: float = 0.0
    low_w: float = 0.0
    most_w: float = 0.0
    seen: int = 0
    idle_w: float = 0.0
    idle_spread_w: float = 0.0
    idles: int = 0
    zero_habit: float = 1.0
    zero_nats: float = 0.0
    last_call: float = 0.0
    none: Cusum = field(default_factory=Cusum)
    weak: Cusum = field(default_factory=Cusum)
    stuck: Cusum = field(default_factory=Cusum)
    dead: Cusum = field(default_factory=Cusum)
    draws: Draws = field(default_factory=Draws)
    nothing: Oddly = field(default_factory=Oddly)
    little: Oddly = field(default_factory=Oddly)
    uncalled: Oddly = field(default_factory=Oddly)

    def after(self, minute: Minute, kind: str, *, may_learn: bool) -> str | None:
        """`none`, `weak`, `stuck`, `dead` (not even standby), or None while all is well."""
        call, watts = minute.call, minute.watts
        if call is None or watts is None:
            return None
        steady, self.last_call = call == self.last_call, call
        if not steady and minute.length_min < APART_MIN:
            return self.verdict()
        length = min(minute.length_min, _MOST_MIN)
        if call > 0.99:
            self._while_called(minute, watts, length, kind, may_learn=may_learn)
        elif call < 0.01:
            self._while_idle(minute, watts, length, kind)
        return self.verdict()

    @property
    def is_known(self) -> bool:
        """Whether the usual draw has been learned."""
        return self.seen >= _SEEN_ENOUGH

    @property
    def has_idle(self) -> bool:
        """Whether there has always been a standby."""
        is_some = self.idle_w > max(1.0, 5.0 * self.idle_spread_w)
        return is_some and self.idles > _IDLES_KNOWN and not self.uncalled.is_usual

    def is_fed(self, watts: float | None) -> bool:
        """Whether its standby shows that it has power."""
        return watts is not None and self.has_idle and watts > 0.5 * self.idle_w

    def share(self, watts: float | None) -> float | None:
        """Draw as a share of the usual; None where unknown."""
        return None if watts is None or not self.is_known else watts / self.on_w

    def fed(self, watts: float | None, call: float, kind: str) -> float:
        """What a resistive heater is given, in units that never change; else what is called for."""
        if kind != "electric" or watts is None or not self.is_known or self.uncalled.is_usual:
            return call  # what is a mean tells less of this moment than the call
        return self.draws.fed(watts)

    def _while_called(
        self, minute: Minute, watts: float, length: float, kind: str, *, may_learn: bool
    ) -> None:
        at_s = minute.at_s
        self.stuck.add(-2.0 * length, at_s, length, 1.0)
        self.dead.add(-2.0 * length, at_s, length, 1.0)
        self.zero_nats = 0.0
        self.most_w = max(watts, self.most_w * (1.0 - _FADES * length))
        if not self.is_known:
            self._first(watts)
            return
        low = self._lowest_w(kind)
        idle = min(self.idle_w, 0.5 * low)
        is_apart = minute.length_min >= APART_MIN
        is_mean = is_apart and self.uncalled.is_usual
        is_none = watts < (_HARDLY * low if is_mean else idle + 0.2 * (low - idle))
        is_steady = kind == "radiator" and low > 0.8 * self.on_w
        is_weak = is_steady and not is_none and watts < 0.75 * low
        bar, weak_bar = _NONE_MIN[kind], _WEAK_MIN
        if is_apart:
            bar = bar if self.nothing.after(is_odd=is_none) else _NEVER_MIN
            is_rare = self.little.after(is_odd=watts < _ALMOST * self.most_w)
            weak_bar = weak_bar if is_rare and not self.uncalled.is_usual else _NEVER_MIN
        if kind == "electric" and not is_none:
            is_sure = weak_bar == _WEAK_MIN
            self.draws.after(minute, watts, length, may_learn=may_learn, is_sure=is_sure)
        self.none.add(length if is_none else -3.0 * length, at_s, length, bar)
        self.weak.add(length if is_weak else -2.0 * length, at_s, length, weak_bar)
        if not is_none and not is_weak:
            self._learned(watts, length)

    def _while_idle(self, minute: Minute, watts: float, length: float, kind: str) -> None:
        if not self.is_known:
            return
        at_s, bar = minute.at_s, _STUCK_MIN[kind]
        usual = self._lowest_w(kind)
        idle = min(self.idle_w, 0.5 * usual)
        is_on = watts > idle + 0.4 * (usual - idle)
        if minute.length_min >= APART_MIN:
            is_rare = self.uncalled.after(is_odd=is_on)
            if self.uncalled.is_usual:  # it shows means: less than all is of a call that has gone
                is_on = is_on and watts > _ALMOST * self.most_w
            elif not is_rare:
                bar = _NEVER_MIN
        self.stuck.add(length if is_on else -3.0 * length, at_s, length, bar)
        if is_on:
            return
        is_dead = self._is_dead(watts)
        self.dead.add(length if is_dead else -3.0 * length, at_s, length, 5.0)
        if not is_dead:
            self.idles += 1
            rate = max(_LEARN, 1.0 / self.idles)
            self.idle_spread_w += rate * (abs(watts - self.idle_w) - self.idle_spread_w)
            self.idle_w += rate * (watts - self.idle_w)

    def _lowest_w(self, kind: str) -> float:
        return self.draws.lowest_w if kind == "electric" else self.low_w

    def _is_dead(self, watts: float) -> bool:
        """No standby where there always was some, or zero for longer than zeros ever last here:
        a living meter has noise."""
        if watts > 0.0:
            self.zero_nats = 0.0
            self.zero_habit += _ZERO_RATE * (_ZERO_LEAST - self.zero_habit)
        else:
            self.zero_nats -= log(self.zero_habit) if self.zero_habit < _ZERO_USUAL else 0.0
            self.zero_habit += _ZERO_RATE * (1.0 - self.zero_habit)
        if self.idles <= _IDLES_KNOWN:
            return False
        return (self.has_idle and watts < 0.1 * self.idle_w) or self.zero_nats > _ZERO_NATS

    def _first(self, watts: float) -> None:
        if watts > max(30.0, 0.3 * self.on_w):
            self.seen += 1
            self.on_w += (watts - self.on_w) / self.seen
            self.low_w = watts if self.seen == 1 else min(self.low_w, watts)
            self.draws.unit_w = self.on_w

    def _learned(self, watts: float, length: float) -> None:
        rate = _LEARN * length
        self.on_w += rate * (watts - self.on_w)
        step = rate * self.on_w * 0.3
        self.low_w += 0.1 * step if watts > self.low_w else -0.9 * step
        self.low_w = max(self.low_w, 0.1 * self.on_w)

    def verdict(self) -> str | None:
        """What the meter says, the gravest first."""
        if self.dead.is_raised:
            return "dead"
        if self.none.is_raised:
            return "none"
        if self.stuck.is_raised:
            return "stuck"
        return "weak" if self.weak.is_raised or self.draws.is_weak else None

    @property
    def since_s(self) -> float:
        """When what it says began."""
        since_s = max(c.since_s for c in (self.none, self.weak, self.stuck, self.dead))
        return max(since_s, self.draws.since_s) if self.draws.is_weak else since_s
