"""The third link, power -> outlet: does the air (or water) that comes out carry the heat?

The outlet's excess over the room, one minute at a time:
    z' = a z + c + b u + b' u_before + u (d (level - room, at most 1.5 K) + e (room - outdoor))
with u the call. `drive` is what the call adds in a minute. Each hypothesis "a share g of the
heat arrives" predicts a one-minute error of (1 - g) drive, so every minute gives a
log-likelihood ratio between two shares, whatever the time constant."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.hottest import Hottest
from warmstation_server.diagnosis.lessons import EVERY, Lessons
from warmstation_server.diagnosis.level import Level
from warmstation_server.diagnosis.likelihood import clipped_minute, within
from warmstation_server.diagnosis.modulation import ALL_SHARE, STARTED_MIN, Modulation
from warmstation_server.diagnosis.patience import STUCK_MIN, patience_min
from warmstation_server.diagnosis.peaks import Peaks
from warmstation_server.diagnosis.probe import Probe
from warmstation_server.diagnosis.regression import Regression
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.wear import Wear

_FORGETTING = 0.9998
_USUAL_LACK = {"electric": 0.15, "radiator": 0.15, "heatpump": 0.25}  # of a healthy one's heat
_HOT_MIN, _HOT_SHARE = 8.0, 1.35
_STUCK_FADES_MIN = 120.0  # a welded relay warms in minutes; what trickles in is model error
_SUSPECT, _MOST_MIN = 1.5, 2.5  # no sample counts for more, however rare: one proves nothing
# A minute; an outlet slower than an hour is none, and what a pump modulates is no slowness.
_SLOWEST, _SLOWEST_PUMP = 0.985, 0.94
_MOST_OFFSET_K = 6.0
_MOST_K, _LONG_MIN, _ALL_BUT = 200.0, 30.0, 0.75
_HARDLY = 0.25  # of the heat; less is none


@dataclass(slots=True)
class Outlet:
    """Excess temperature of the outlet against what the call should bring.

    `heat_k`: simulated heat part of the excess, `typical_k`: its usual size under call, `full_k`:
    what it would settle at. `is_known`: enough called minutes were seen, and they made a
    difference. `offset_k`: excess without heat, the two sensors' difference.
    """

    model: Regression = field(
        default_factory=lambda: Regression.of([0.8, 1.0, 1.0, 0.0, 0.0, 0.0], 10.0)
    )
    excess_k: float | None = None
    last_call: float = 0.0
    heat_k: float = 0.0
    typical_k: float = 0.0
    full_k: float = 0.0
    probe: Probe = field(default_factory=Probe)
    noise_on: float = 1.0
    noise_off: float = 1.0
    run_min: float = 0.0
    learned_min: float = 0.0
    is_known: bool = False
    offset_k: float = 0.0
    lessons: Lessons = field(default_factory=Lessons)
    called_min: float = 0.0
    level: Level = field(default_factory=Level)
    last_error: float = 0.0
    squares: float = 1.0
    products: float = 0.0
    hottest: Hottest = field(default_factory=Hottest)
    modulation: Modulation = field(default_factory=Modulation)
    wear: Wear = field(default_factory=Wear)
    peaks: Peaks = field(default_factory=Peaks)
    at_s: float = 0.0
    none: Cusum = field(default_factory=Cusum)
    weak: Cusum = field(default_factory=Cusum)
    stuck: Cusum = field(default_factory=Cusum)
    hot: Cusum = field(default_factory=Cusum)

    def after(self, minute: Minute, kind: str, *, may_learn: bool) -> None:
        """Takes a minute; `verdict` then says what it amounts to."""
        z, call, room = minute.excess_k, minute.call, minute.room
        self.at_s = minute.at_s
        if minute.is_gap or z is None or call is None or room is None:
            self._lost_track(minute, z, call)
            return
        called, self.last_call = self.last_call, call
        length = min(minute.length_min, _MOST_MIN)
        self.run_min = self.run_min + length if call > 0.5 else 0.0
        before, self.excess_k = self.excess_k, z
        if before is None:
            return
        self._simulate(minute, call, called, before, z, length, kind, may_learn=may_learn)
        full_k = self.full_k + self.offset_k
        self.hottest.after(z, full_k, length, kind, is_known=self.is_known)

    @property
    def is_suspect(self) -> bool:
        """Whether some evidence is building up."""
        return (
            (self.none.level > _SUSPECT and self.none.holds(_SUSPECT, self.at_s))
            or (self.weak.level > _SUSPECT and self.weak.holds(_SUSPECT, self.at_s))
            or (self.stuck.level > _SUSPECT and self.stuck.holds(_SUSPECT, self.at_s))
            or (self.hot.level > _SUSPECT and self.hot.holds(_SUSPECT, self.at_s))
        )

    @property
    def gives_its_best(self) -> bool:
        """Whether it has been called for long and what it blows is as warm as ever."""
        return self.is_known and self.run_min > _LONG_MIN and self._arrived() > _ALL_BUT

    @property
    def is_hot_now(self) -> bool:
        """Whether it shows more heat than the call explains."""
        return self.is_known and self.run_min > STARTED_MIN and self._arrived() > _HOT_SHARE

    def is_warm(self, excess_k: float | None) -> bool:
        """Whether it shows the heat of a heater that has been running."""
        is_seen = self.is_known and excess_k is not None
        return is_seen and (excess_k or 0.0) - self.offset_k > _ALL_BUT * self.typical_k

    def _lost_track(self, minute: Minute, z: float | None, call: float | None) -> None:
        """After a gap what is warm is taken for heat; over a missed value the call goes on."""
        self.excess_k = z
        if minute.is_gap:
            self.heat_k = max(0.0, z - self.offset_k) if z is not None and self.is_known else 0.0
        else:
            a, b, b_before, *_ = self.model.theta
            u = self.last_call if call is None else call
            drive = max(0.0, u * b + self.last_call * b_before)
            self.heat_k = a * self.heat_k + drive
        if call is not None:
            self.last_call = call

    def _simulate(
        self,
        minute: Minute,
        u: float,
        called: float,
        before: float,
        z: float,
        length: float,
        kind: str,
        *,
        may_learn: bool,
    ) -> None:
        room = minute.room or 0.0
        is_known = minute.outdoor is not None and kind != "electric"
        loss = (room - (minute.outdoor or 0.0)) / 20.0 if is_known else 0.0
        want = self.level.want(room, minute.regime or 0)
        a, b, b_before, c, d, e = self.model.theta
        shape = d * want + e * loss
        drive = u * (b + shape) + called * b_before
        full = b + b_before + shape
        most_k = _MOST_K
        if kind == "heatpump":  # what it wants is a guess: no more is expected than was ever seen
            most_k = max(0.0, self.hottest.top_k - self.offset_k)
            drive = min(drive, max(0.0, self.hottest.top_k - a * before - c))
            full = min(full, (1.0 - a) * most_k)
        self.heat_k = min(most_k, max(0.0, a * self.heat_k + drive))
        self.full_k = full / (1.0 - a)
        error = z - (a * before + c + drive)
        if self.is_known and kind != "heatpump":
            lost_k, spread = a * before + c - z, (self.noise_off, self.typical_k)
            self.probe.after(before - self.offset_k, lost_k, minute.length_min, *spread)
        if self.is_known and u == called:
            self._weigh(error, u, drive, full, want, minute, length, kind)
        if u > 0.5 and is_known and kind == "heatpump" and self.is_known:
            self.peaks.after(z - self.offset_k, loss, minute.at_s, length)
        is_news = self.lessons.is_news(is_switched=u != called, length=length)
        is_plain = kind != "heatpump" or minute.regime is not None
        if is_news and is_plain and may_learn and not self.is_suspect:
            self._learn(
                [before, u, called, 1.0, u * want, u * loss],
                error,
                u,
                room,
                length,
                by_night=minute.regime or 0,
                kind=kind,
            )
        self.last_error = error

    def _weigh(
        self,
        error: float,
        u: float,
        drive: float,
        full: float,
        want: float,
        minute: Minute,
        length: float,
        kind: str,
    ) -> None:
        at_s = minute.at_s
        if u > 0.5 and drive > 0.0:
            noise = max(1e-3, self.noise_on)
            none = ((error + 0.3 * drive) ** 2 - (error + 0.95 * drive) ** 2) / (2.0 * noise)
            usual = _USUAL_LACK[kind] * drive
            weak = ((error + usual) ** 2 - (error + 0.55 * drive) ** 2) / (2.0 * noise)
            weak *= self._independence()
            bar, weak_bar = patience_min(kind, minute.outdoor, self.none.excursions)
            if kind == "heatpump":
                none = self.modulation.none(self.run_min, (self.excess_k or 0.0) - self.offset_k)
            self.none.add(clipped_minute(none) * length, at_s, length, bar)
            if kind != "heatpump" or minute.regime is not None:
                step = clipped_minute(weak) * length
                if kind == "heatpump":
                    step = self.modulation.weak(step, want, length, self.weak, self._arrived())
                self.weak.add(step, at_s, length, weak_bar)
            self.stuck.add(-length, at_s, length, STUCK_MIN[kind])
            if kind != "heatpump":
                hot = ((error - 0.15 * drive) ** 2 - (error - 0.7 * drive) ** 2) / (2.0 * noise)
                hot = clipped_minute(hot * self._independence())
                self.hot.add(hot * length, at_s, length, _HOT_MIN)
        elif u < 0.01 and full > 0.7 * self.noise_off**0.5:
            noise = max(1e-3, self.noise_off)
            self.stuck.level *= 1.0 - length / _STUCK_FADES_MIN
            stuck = ((error - 0.05 * full) ** 2 - (error - 0.6 * full) ** 2) / (2.0 * noise)
            self.stuck.add(clipped_minute(stuck) * length, at_s, length, STUCK_MIN[kind])

    def _independence(self) -> float:
        """What a minute is worth beside its neighbours, (1 - r) / (1 + r) for correlation r."""
        r = min(0.8, max(0.0, self.products / max(1e-6, self.squares)))
        return (1.0 - r) / (1.0 + r)

    def _learn(
        self,
        x: list[float],
        error: float,
        u: float,
        room: float,
        length: float,
        *,
        by_night: int,
        kind: str,
    ) -> None:
        self.learned_min += length
        noise = self.noise_on if u > 0.5 else self.noise_off
        bound = 4.0 * noise**0.5 if self.learned_min > 600.0 else 50.0
        clipped = within(error, bound)
        self._learn_model(x, clipped, kind)
        theta = self.model.theta
        rate = 1.0 / (1.0 + self.learned_min) if self.learned_min < 499.0 else 0.002
        if u > 0.5:
            last = within(self.last_error, bound)
            self.squares += rate * (clipped * clipped - self.squares)
            self.products += rate * (clipped * last - self.products)
            self.noise_on += rate * (clipped * clipped - self.noise_on)
            self.called_min += length
            self.level.learn(room, length, by_night)
            if self.run_min > STARTED_MIN:
                heat_k = (self.excess_k or 0.0) - self.offset_k
                self.modulation.learn(heat_k, self.typical_k, self.called_min, length)
            if kind == "electric":
                self.wear.after((theta[1] + theta[2] + theta[5]) / (1.0 - theta[0]), length)
            if self.run_min > 3.0:
                self.typical_k += max(0.003, 1.0 / self.called_min) * (self.heat_k - self.typical_k)
        else:
            self.noise_off += rate * (clipped * clipped - self.noise_off)

    def _learn_model(self, x: list[float], error: float, kind: str) -> None:
        if self.lessons.is_passed_over(self.learned_min):
            return
        is_settled = self.lessons.is_settled(self.learned_min)
        self.model.learn(x, error, _FORGETTING**EVERY if is_settled else _FORGETTING)
        theta = self.model.theta
        slowest = _SLOWEST_PUMP if kind == "heatpump" else _SLOWEST
        theta[0] = min(slowest, max(0.0, theta[0]))  # a stable outlet, or errors would mislead
        if kind != "heatpump":
            theta[4] = max(0.0, theta[4])  # no plain heater gives less for being wanted more
        self.offset_k = within(theta[3] / (1.0 - theta[0]), _MOST_OFFSET_K)
        self.is_known = self.called_min > 120.0 and self.typical_k > 3.0 * self.noise_off**0.5 + 0.5

    def _is_raised(self) -> bool:
        return self.none.is_raised or self.weak.is_raised or self.stuck.is_raised

    def _arrived(self) -> float:
        """Heat at the outlet as a share of what the call should have brought by now."""
        if self.excess_k is None or self.heat_k < max(0.1, 0.3 * self.typical_k):
            return 0.0 if self.last_call > 0.5 and self._is_raised() else 1.0
        return (self.excess_k - self.offset_k) / self.heat_k

    def verdict(self) -> str | None:
        """`over`, `none`, `stuck`, `weak` (the gravest first), or None while all is well."""
        if self.hottest.is_over or (self.hot.is_raised and self._arrived() > _HOT_SHARE):
            return "over"
        if not self._is_raised():
            return "weak" if self.wear.is_worn or self.peaks.is_poor else None
        share = self._arrived()
        if self.none.is_raised and share < 0.8:
            return "none"
        if self.stuck.is_raised:
            return "stuck"
        # Less than half arrives for now: whether it is none at all will show first.
        is_some = _HARDLY < share < ALL_SHARE
        is_weak = self.weak.is_raised and is_some and self.none.level < 2.0
        return "weak" if is_weak else None
