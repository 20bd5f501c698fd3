"""The first link of the chain, room -> call: does the thermostat answer as it always did?

Learns at which room temperature the call comes and goes, open and closed hours apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.lead import Lead
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.uncalled import Uncalled

_RATE = 0.03
_SEEN_ENOUGH = 8.0
_SHIFT_K = 0.8
_RISING_K = 0.15
_NIGHT_K = 0.7  # few switchings teach the level of the night
_SHIFT_SPREADS = 4.0
_LOWER_S, _HIGHER_S = 1200.0, 9000.0  # no sun makes them lie lower
_LATE_K, _LATE_SPREADS, _LATE_S = 1.2, 6.0, 900.0  # a call that comes too late
_MISSING_MIN, _MISSED_MIN = 12.0, 8.0
_EXCESS_MIN = 95.0  # the sun may lie on a sensor for an hour and a half


@dataclass(slots=True)
class Thermostat:
    """Switching levels in °C: [open, closed] means, spreads and counts for on and off.

    [off, on]: `edge_c`: where it last switched, `low_at_s`: when it last did so far too low.
    `edge_off_k`: how far off it has switched in this minute. `shifted_k`: the same of the last
    ones that were far off, `usual_at_s`: when one was not.
    """

    on_mean: list[float] = field(default_factory=lambda: [0.0, 0.0])
    on_spread: list[float] = field(default_factory=lambda: [1.0, 1.0])
    on_seen: list[float] = field(default_factory=lambda: [0.0, 0.0])
    off_mean: list[float] = field(default_factory=lambda: [0.0, 0.0])
    off_spread: list[float] = field(default_factory=lambda: [1.0, 1.0])
    off_seen: list[float] = field(default_factory=lambda: [0.0, 0.0])
    called_mean: float = 0.0
    called_spread: float = 1.0
    called_min: float = 0.0
    shifted_edges: int = 0
    shifted_k: float = 0.0
    shifted_at_s: float = 0.0
    shifted_until_s: float = 0.0
    edge_c: list[float] = field(default_factory=lambda: [0.0, 0.0])
    low_at_s: list[float] = field(default_factory=lambda: [-1.0, -1.0])
    usual_at_s: float = 0.0
    edge_off_k: float | None = None
    lead: Lead = field(default_factory=Lead)
    last_call: float | None = None
    at_s: float = 0.0
    missing: Cusum = field(default_factory=Cusum)
    uncalled: Uncalled = field(default_factory=Uncalled)
    excess: Cusum = field(default_factory=Cusum)

    def after(self, minute: Minute, *, is_settled: bool, may_learn: bool) -> str | None:
        """`missing` (no call though cold), `lowered` (it came again, and went, lower), `excess`
        (call though warm), `shifted`, or None.

        The hours before opening, without a regime, teach nothing.
        """
        call, room, regime = minute.call, minute.room, minute.regime
        self.edge_off_k = None
        if call is None or room is None or minute.is_gap:
            self.last_call = call
            self.lead.slow_c = None
            return self.verdict()
        self.lead.after(room, minute.length_min)
        if self.last_call is not None and regime is not None and (is_settled or regime == 1):
            self._edge(regime, call, room, minute.at_s, may_learn=may_learn)
            if regime == 0 and call > 0.5:
                self.uncalled.called(room, self.usual_on(0), minute.at_s)
                if may_learn:
                    self._learn_called(room, minute.length_min)
        self.last_call = call
        length = min(minute.length_min, 5.0)
        self.at_s = minute.at_s
        self._weigh_missing(call, room, minute, length, is_settled=is_settled)
        if regime is not None:
            self._weigh_excess(regime, call, room, minute, length)
        return self.verdict()

    def on_floor(self, regime: int) -> float | None:
        """Below this the call has always come; None while unknown."""
        if self.on_seen[regime] < _SEEN_ENOUGH:
            return self.coldest_called if regime == 0 else None
        return self.on_mean[regime] - 3.0 * self.on_spread[regime] - 0.3

    @property
    def coldest_called(self) -> float | None:
        """No colder has it been in open hours while heat was called for; None while unknown."""
        if self.called_min <= 600.0:
            return None
        return self.called_mean - 3.0 * self.called_spread - 0.3

    @property
    def is_weighing(self) -> bool:
        """Whether a call that is missing, or came late, has not yet told its story."""
        is_asked = self.missing.level > 0.0 or self.uncalled.answered_s >= 0.0
        return is_asked and not self.uncalled.is_lower

    def usual_on(self, regime: int) -> float:
        """Where the call usually comes; of a modulating heater where it keeps the room."""
        return self.on_mean[regime] if self.on_seen[regime] >= _SEEN_ENOUGH else self.called_mean

    def _is_below_night(self, room: float) -> bool:
        floor = self.on_floor(1) if self.on_seen[1] >= _SEEN_ENOUGH else None
        return floor is not None and room < floor - _NIGHT_K

    def is_below_floor(self, room: float) -> bool:
        """Whether it is so cold, in open hours, that the call has always been there."""
        floor = self.on_floor(0)
        return floor is not None and room - self.lead.part_k(1) < floor

    def off_ceiling(self, regime: int) -> float | None:
        """Above this the call has always gone; None while unknown."""
        if self.off_seen[regime] < _SEEN_ENOUGH:
            return None
        return self.off_mean[regime] + 3.0 * self.off_spread[regime] + 0.5

    def _weigh_missing(
        self, call: float, room: float, minute: Minute, length: float, *, is_settled: bool
    ) -> None:
        if self.missing.level <= 0.0:
            self.uncalled.over()
            if call > 0.01:
                return
        is_night = minute.regime == 1 and self.on_seen[1] >= _SEEN_ENOUGH
        floor = self.on_floor(1 if is_night else 0)
        if floor is None:
            return
        if is_night:
            floor -= _NIGHT_K
        else:
            room -= self.lead.part_k(1)
        if call > 0.01 or room > floor + 0.2:
            self.missing.add(-3.0 * length, minute.at_s, length, _MISSING_MIN)
        elif room < floor and (is_night or (minute.is_open and is_settled)):
            self.missing.add(length, minute.at_s, length, _MISSING_MIN)
            fallen_k = self.usual_on(1 if is_night else 0) - room
            self.uncalled.waits(fallen_k, length, below_night=self._is_below_night(room))

    def _weigh_excess(
        self, regime: int, call: float, room: float, minute: Minute, length: float
    ) -> None:
        if call <= 0.99 and self.excess.level <= 0.0:
            return
        ceiling = self.off_ceiling(regime)
        if regime == 0:
            room -= self.lead.part_k(0)
        is_excess = ceiling is not None and call > 0.99 and room > ceiling
        self.excess.add(length if is_excess else -3.0 * length, minute.at_s, length, _EXCESS_MIN)

    def _edge(self, regime: int, call: float, room: float, at_s: float, *, may_learn: bool) -> None:
        last = self.last_call or 0.0
        if call > 0.5 >= last:
            mean, spread, seen = self.on_mean, self.on_spread, self.on_seen
        elif call <= 0.5 < last:
            mean, spread, seen = self.off_mean, self.off_spread, self.off_seen
        else:
            return
        which = 1 if call > 0.5 else 0
        raw_k = room - mean[regime]
        off = raw_k - self.lead.part_k(which) if regime == 0 else raw_k
        is_far = abs(off) > max(_SHIFT_K, _SHIFT_SPREADS * spread[regime])
        if regime == 0 and seen[0] >= _SEEN_ENOUGH:
            self.edge_off_k = off
            rise = max(_RISING_K, 0.2 * abs(off))
            is_recovering = off < 0.0 and room > self.edge_c[which] + rise
            self.edge_c[which] = room
            is_low = is_far if which == 0 else abs(off) > max(_LATE_K, _LATE_SPREADS * spread[0])
            if off < 0.0 and is_low:
                self.low_at_s[which] = at_s
            self._count_shift(off if is_far and not is_recovering else 0.0, at_s)
            missed_s = self.missing.since_s if self.missing.level >= _MISSED_MIN else None
            is_low = is_far and off < 0.0
            self.uncalled.switched(room, at_s, on=which == 1, is_low=is_low, missed_s=missed_s)
        if may_learn and not (is_far and seen[regime] >= _SEEN_ENOUGH and self.is_shifting(at_s)):
            if regime == 0:
                self.lead.learn(which, raw_k)
            _learn(mean, spread, seen, regime, off)

    def _count_shift(self, off: float, at_s: float) -> None:
        """Both edges off to the same side, again and again, is no accident."""
        if off * self.shifted_k <= 0.0:
            self.shifted_edges, self.shifted_at_s, self.shifted_k = 0, at_s, off
        if off == 0.0:
            self.usual_at_s = at_s
            return
        self.shifted_k += 0.5 * (off - self.shifted_k)
        self.shifted_edges += 1
        self.shifted_until_s = at_s

    def is_shifting(self, at_s: float) -> bool:
        """Whether the switching levels have begun to lie elsewhere, for less than two days."""
        return self.shifted_edges > 0 and at_s - self.shifted_at_s < 2.0 * 86400.0

    def has_shifted(self, at_s: float) -> bool:
        """Whether four switchings in a row lay lower, or higher for longer than the sun stays."""
        lasted_s = self.shifted_until_s - self.shifted_at_s
        least_s = _LOWER_S if self.shifted_k < 0.0 else _HIGHER_S
        return self.shifted_edges >= 4 and lasted_s > least_s and self.is_shifting(at_s)

    def calm(self) -> None:
        """Forgets what seemed wrong while nobody was there, or the reading stood still."""
        self.missing.calm()
        self.excess.calm()
        self.uncalled.over()
        self.uncalled.forget()
        self.shifted_edges = 0

    def has_fallen(self, since_s: float, at_s: float) -> bool:
        """Whether it has switched since then at readings too low for it, which through an open
        door it does not: it feels the cold too. A room that falls fast may be colder when the
        call comes; one that no call can heat up has not been seen to end it."""
        off_s, on_s = self.low_at_s
        return off_s > since_s or (on_s > since_s and at_s - on_s < _LATE_S)

    def _learn_called(self, room: float, length: float) -> None:
        """Where a modulating heater that never switches keeps the room."""
        self.called_min += length
        rate = max(0.0005, 1.0 / self.called_min) * length
        off = room - self.called_mean
        self.called_mean += rate * off
        variance = (1.0 - rate) * (self.called_spread**2 + rate * off * off)
        self.called_spread = max(0.05, variance**0.5)

    def blamed_min(self, at_s: float) -> float:
        """For how long it has seemed wrong, or has not been seen to be right."""
        if self.missing.is_raised:
            since_s = self.missing.since_s
        elif self.excess.is_raised:
            since_s = self.excess.since_s
        else:
            since_s = self.shifted_at_s
        return (at_s - min(since_s, self.usual_at_s or since_s)) / 60.0

    def turned_k(self, room: float | None) -> float:
        """How far from its usual level it seems to be set."""
        if self.uncalled.is_lower:
            return self.usual_on(0) - self.uncalled.answered_c
        if self.missing.is_raised:
            return self.uncalled.fallen_k
        return self.off_k(room) if self.excess.is_raised else abs(self.shifted_k)

    def off_k(self, room: float | None) -> float:
        """How far the room lies outside the levels at which the call comes and goes."""
        if room is None or min(self.on_seen[0], self.off_seen[0]) < _SEEN_ENOUGH:
            return 0.0
        return max(0.0, self.on_mean[0] - room, room - self.off_mean[0])

    def verdict(self) -> str | None:
        """What the thermostat says."""
        if self.uncalled.is_lower:
            return "lowered"
        if self.missing.is_raised:
            return "missing"
        if self.excess.is_raised:
            return "excess"
        return "shifted" if self.has_shifted(self.at_s) else None


def _learn(
    mean: list[float], spread: list[float], seen: list[float], regime: int, off: float
) -> None:
    """Mean and standard deviation, exponentially forgotten, of what is `off` the mean, clipped."""
    seen[regime] += 1.0
    rate = max(_RATE, 1.0 / seen[regime])
    if seen[regime] > _SEEN_ENOUGH:
        bound = 4.0 * spread[regime]
        off = max(-bound, min(bound, off))
    mean[regime] += rate * off
    if seen[regime] > 1.0:
        variance = (1.0 - rate) * (spread[regime] ** 2 + rate * off * off)
        spread[regime] = max(0.05, variance**0.5)
