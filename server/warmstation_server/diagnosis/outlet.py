"""The third link, power -> outlet: does the air (or water) that comes out carry the heat?

The outlet's excess over the room, one minute at a time:
    z' = a z + b u + b' u_before + u (d (level - room, at most 1.5 K) + e (room - outdoor))
with z above what it is at rest, and u the call, or the draw of a resistive heater that is metered.
`drive` is what u adds in a minute. Each hypothesis "a share g of the heat arrives" predicts a
one-minute error of (1 - g) drive, so every minute gives a log-likelihood ratio between two shares.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.asked import Asked
from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.hottest import Hottest
from warmstation_server.diagnosis.lessons import EVERY, Lessons, keep_plausible
from warmstation_server.diagnosis.level import Level
from warmstation_server.diagnosis.likelihood import against, within
from warmstation_server.diagnosis.modulation import ALL_SHARE, STARTED_MIN, Modulation
from warmstation_server.diagnosis.patience import STUCK_MIN, Frosts, patience_min
from warmstation_server.diagnosis.peaks import Peaks
from warmstation_server.diagnosis.probe import Probe
from warmstation_server.diagnosis.regression import Regression
from warmstation_server.diagnosis.residuals import Residuals
from warmstation_server.diagnosis.rest import Rest
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.starts import Starts
from warmstation_server.diagnosis.wear import Wear

_FORGETTING = 0.9998
_USUAL_LACK = {"electric": 0.15, "radiator": 0.15}  # of a healthy one's heat
_WEAK_LACK, _PUMP_LACK, _STEADY_LACK = 0.55, (0.25, 0.55), (0.12, 0.4)
_HOT_MIN, _HOT_SHARE = 8.0, 1.35
_STUCK_FADES_MIN = 120.0  # a welded relay warms in minutes; what trickles in is model error
_SUSPECT, _MOST_MIN = 1.5, 2.5  # no sample counts for more, however rare: one proves nothing
_FED, _ALIKE = 0.05, 0.1  # of the usual draw; less is a meter's noise, or no change
_MOST_K, _LONG_MIN, _ALL_BUT = 200.0, 30.0, 0.75
_HARDLY, _YOUNG_MIN = 0.25, 2400.0  # of the heat; less is none; minutes under call


@dataclass(slots=True)
class Outlet:
    """Excess temperature of the outlet against what the call should bring.

    `heat_k`: simulated heat part of the excess, `typical_k`: its usual size under call, `full_k`:
    what it would settle at. `is_known`: enough called minutes were seen, and they made a
    difference. `fed`: what it was given in the last minute.
    """

    model: Regression = field(
        default_factory=lambda: Regression.of([0.8, 1.0, 1.0, 0.0, 0.0], 10.0)
    )
    excess_k: float | None = None
    fed: float = 0.0
    heat_k: float = 0.0
    typical_k: float = 0.0
    full_k: float = 0.0
    probe: Probe = field(default_factory=Probe)
    residuals: Residuals = field(default_factory=Residuals)
    run_min: float = 0.0
    learned_min: float = 0.0
    is_known: bool = False
    rest: Rest = field(default_factory=Rest)
    lessons: Lessons = field(default_factory=Lessons)
    called_min: float = 0.0
    level: Level = field(default_factory=Level)
    hottest: Hottest = field(default_factory=Hottest)
    modulation: Modulation = field(default_factory=Modulation)
    wear: Wear = field(default_factory=Wear)
    peaks: Peaks = field(default_factory=Peaks)
    frosts: Frosts = field(default_factory=Frosts)
    starts: Starts = field(default_factory=Starts)
    at_s: float = 0.0
    none: Cusum = field(default_factory=Cusum)
    weak: Cusum = field(default_factory=Cusum)
    stuck: Cusum = field(default_factory=Cusum)
    hot: Cusum = field(default_factory=Cusum)

    def after(self, minute: Minute, fed: float, kind: str, *, may_learn: bool) -> None:
        """Takes a minute; `fed`: its call or draw. `verdict` then says what it amounts to."""
        z, call, room = minute.excess_k, minute.call, minute.room
        self.at_s = minute.at_s
        if minute.is_gap or z is None or call is None or room is None:
            self._lost_track(minute, z, None if call is None else fed)
            return
        length = min(minute.length_min, _MOST_MIN)
        self.run_min = self.run_min + length if call > 0.5 else 0.0
        if kind == "heatpump" and call > 0.5:
            fed *= self.starts.share(self.run_min, length)
        fed_before, self.fed = self.fed, fed
        before, self.excess_k = self.excess_k, z
        if before is None:
            return
        self._simulate(minute, fed_before, before, kind, may_learn=may_learn)
        is_calm = may_learn and self.stuck.level <= _SUSPECT
        self.rest.after(minute, fed, self.model.theta[0], length, may_learn=is_calm)
        full_k = max(self.full_k, self.heat_k) + self.offset_k
        youth = max(0.0, 1.0 - self.called_min / _YOUNG_MIN)
        self.hottest.after(z, full_k, length, kind, is_known=self.is_known, youth=youth)

    @property
    def offset_k(self) -> float:
        """Excess without heat, the two sensors' difference."""
        return self.rest.offset_k

    @property
    def is_suspect(self) -> bool:
        """Whether some evidence is building up, or a defrost is not quite over."""
        most, at_s = _SUSPECT, self.at_s
        if max(self.none.level, self.weak.level, self.stuck.level, self.hot.level) <= most:
            return not self.modulation.is_back
        is_cold = self.none.holds(most, at_s) or self.weak.holds(most, at_s)
        return is_cold or self.stuck.holds(most, at_s) or self.hot.holds(most, at_s)

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
        warm_k = self.offset_k + _ALL_BUT * self.typical_k
        return self.is_known and excess_k is not None and excess_k > warm_k

    def _lost_track(self, minute: Minute, z: float | None, fed: float | None) -> None:
        """After a gap what is warm is taken for heat; over a missed value the call goes on."""
        self.excess_k, u = z, self.fed if fed is None else fed
        if minute.is_gap:
            self.heat_k = max(0.0, z - self.offset_k) if z is not None and self.is_known else 0.0
        else:
            a, b, b_before, *_ = self.model.theta
            self.heat_k = a * self.heat_k + max(0.0, u * b + self.fed * b_before)
        self.fed = u

    def _simulate(
        self, minute: Minute, u_before: float, before: float, kind: str, *, may_learn: bool
    ) -> None:
        u, room, length = self.fed, minute.room or 0.0, min(minute.length_min, _MOST_MIN)
        is_pump, is_known = kind == "heatpump", minute.outdoor is not None and kind != "electric"
        loss = (room - (minute.outdoor or 0.0)) / 20.0 if is_known else 0.0
        is_measured = u != minute.call and not is_pump  # else a guess by what it wants
        follows = not is_pump and self.modulation.follows_want
        regime = minute.regime if follows else minute.regime or 0
        want = 0.0 if is_measured else self.level.want(room, regime)
        a, b, b_before, d, e = self.model.theta
        shape = d * want + e * loss
        before, z = before - self.offset_k, (self.excess_k or 0.0) - self.offset_k
        drive = u * (b + shape) + u_before * b_before
        full = b + b_before + shape
        seen_k, meant = max(0.0, self.hottest.top_k - self.offset_k), drive
        most_k = _MOST_K if is_measured else seen_k
        if is_pump:
            full = min(full, (1.0 - a) * most_k)
            drive = min(drive, full)
        kept_k = a * self.heat_k
        self.heat_k = min(most_k, max(0.0, kept_k + drive))
        owed = drive if is_pump else min(drive, self.heat_k - kept_k)
        self.full_k = full / (1.0 - a)
        of_model, error = z - (a * before + meant), z - (a * before + drive)
        if self.is_known and not is_pump:
            lost_k, spread = a * before - z, (self.residuals.off, self.typical_k)
            self.probe.after(before, lost_k, minute.length_min, *spread)
        is_switched = abs(u - u_before) > _ALIKE * max(u, u_before)
        is_far = self.level.is_far(room, loss if is_known else None, minute.regime)
        asked = Asked(error, drive, owed, full, want, is_far)
        may_weigh = self.is_known and not minute.is_mixed
        if may_weigh and not is_switched:
            self._weigh(asked, minute, kind)
        elif may_weigh and not is_pump:
            noise = self.residuals.switched_noise(u - u_before, minute.length_min)
            if noise is not None:
                self._weigh_plain(asked, noise, minute, kind)
        may_learn = may_learn and not self.is_suspect
        if is_pump and may_learn:
            self.starts.after(self.run_min, length, before, z, self.modulation.low_k)
        if u > _FED and is_known and is_pump and self.is_known:
            self.peaks.after(z, loss, minute.at_s, length)
            self.frosts.after(minute.outdoor, length)
        is_plain = minute.regime is not None or not (is_pump or follows)
        if self.lessons.is_news(is_switched=is_switched, length=length) and is_plain and may_learn:
            if is_switched:
                self.residuals.learn_switched(error, u - u_before, minute.length_min)
            self._learn([before, u, u_before, u * want, u * loss], error, of_model, minute, kind)
        self.residuals.last = error

    def _weigh(self, asked: Asked, minute: Minute, kind: str) -> None:
        full, length = asked.full, min(minute.length_min, _MOST_MIN)
        if self.fed > _FED and asked.drive > 0.0:
            noise = max(1e-3, self.residuals.on)
            if kind == "heatpump":
                self._weigh_pump(asked, noise, minute)
            else:
                self._weigh_plain(asked, noise, minute, kind)
            self.stuck.add(-length, minute.at_s, length, STUCK_MIN[kind])
        elif self.fed < 0.01 and full > 0.7 * self.residuals.off**0.5:
            self.stuck.level *= 1.0 - length / _STUCK_FADES_MIN
            stuck = against(asked.error, 0.05 * full, 0.6 * full, max(1e-3, self.residuals.off))
            self.stuck.add(stuck * length, minute.at_s, length, STUCK_MIN[kind])

    def _weigh_pump(self, asked: Asked, noise: float, minute: Minute) -> None:
        at_s, length = minute.at_s, min(minute.length_min, _MOST_MIN)
        heat_k = (self.excess_k or 0.0) - self.offset_k
        modulation, may_frost = self.modulation, self.frosts.may_come(minute.outdoor)
        bar, weak_bar = patience_min("heatpump", self.none.excursions, may_frost=may_frost)
        modulation.is_at_rest = minute.regime == 1 and self.level.is_set_back
        late_min = self.run_min - self.starts.late_min
        self.none.add(modulation.none(late_min, heat_k, asked.want, length), at_s, length, bar)
        if minute.regime is not None:
            lack, most = _STEADY_LACK if modulation.is_steady(self.typical_k) else _PUMP_LACK
            step = asked.lacking(lack, most, noise / self.residuals.worth) * length
            step = modulation.weak(step, asked.want, length, (self.weak,), self._arrived())
            self.weak.add(step, at_s, length, weak_bar)

    def _weigh_plain(self, asked: Asked, noise: float, minute: Minute, kind: str) -> None:
        at_s, length, want = minute.at_s, min(minute.length_min, _MOST_MIN), asked.want
        bar, weak_bar = patience_min(kind, self.none.excursions, may_frost=False)
        none = self.modulation.wanted(asked.lacking(0.3, 0.95, noise), want)
        self.none.add(none * length, at_s, length, bar)
        worth = noise / self.residuals.worth
        step = asked.lacking(_USUAL_LACK[kind], _WEAK_LACK, worth) * length
        is_guessed = self.fed == minute.call  # nobody measures its draw
        if kind != "electric" or is_guessed:
            told = (self.weak,) if kind == "electric" else (self.weak, self.none)
            step = self.modulation.weak(step, want, length, told, self._arrived())
        self.weak.add(step, at_s, length, weak_bar)
        hot = asked.exceeding(worth)
        if is_guessed:
            heat_k, share = (self.excess_k or 0.0) - self.offset_k, self._arrived()
            if self.lessons.still_min <= 0.0:  # the minute of a switch is not so sure
                share = min(share, self.hottest.top_share)
            is_young, is_far = self.called_min < _YOUNG_MIN, asked.is_far
            hot = self.hottest.doubted(hot, heat_k, share, length, is_young=is_young, is_far=is_far)
        self.hot.add(hot * length, at_s, length, _HOT_MIN)

    def _learn(
        self, x: list[float], error: float, of_model: float, minute: Minute, kind: str
    ) -> None:
        """`error`: of what was to be expected, `of_model`: of the model; the less is the noise."""
        length, room = min(minute.length_min, _MOST_MIN), minute.room or 0.0
        u, self.learned_min = self.fed, self.learned_min + length
        noise = self.residuals.on if u > _FED else self.residuals.off
        bound = 4.0 * noise**0.5 if self.learned_min > 600.0 else 50.0
        clipped = within(min(error, of_model, key=abs), bound)
        self._learn_model(x, within(of_model, bound), kind)
        theta = self.model.theta
        rate = max(0.002, 1.0 / (1.0 + self.learned_min))
        if u > _FED:
            self.residuals.learn_on(clipped, within(self.residuals.last, bound), rate)
            self.called_min += length
            self.level.learn(room, x[4] / u, length, minute.regime or 0)
            if kind == "heatpump" and self.run_min > STARTED_MIN:
                heat_k = (self.excess_k or 0.0) - self.offset_k
                self.modulation.learn(heat_k, self.typical_k, self.called_min, length)
            if kind == "electric":
                self.wear.after((theta[1] + theta[2] + theta[4]) / (1.0 - theta[0]), length)
            if self.run_min > 3.0:
                self.typical_k += max(0.003, 1.0 / self.called_min) * (self.heat_k - self.typical_k)
        else:
            self.residuals.learn_off(clipped, rate)

    def _learn_model(self, x: list[float], error: float, kind: str) -> None:
        if self.lessons.is_passed_over(self.learned_min):
            return
        is_settled = self.lessons.is_settled(self.learned_min)
        self.model.learn(x, error, _FORGETTING**EVERY if is_settled else _FORGETTING)
        keep_plausible(self.model.theta, kind)
        self.is_known = (
            self.called_min > 120.0 and self.typical_k > 3.0 * self.residuals.off**0.5 + 0.5
        )

    def _is_raised(self) -> bool:
        return self.none.is_raised or self.weak.is_raised or self.stuck.is_raised

    def _arrived(self) -> float:
        """Heat at the outlet as a share of what the call should have brought by now."""
        if self.excess_k is None or self.heat_k < max(0.1, 0.3 * self.typical_k):
            return 0.0 if self.fed > _FED and self._is_raised() else 1.0
        return (self.excess_k - self.offset_k) / self.heat_k

    def verdict(self) -> str | None:
        """`over`, `none`, `stuck`, `weak` (the gravest first), or None while all is well."""
        if self.hottest.is_over or (self.hot.is_raised and self._arrived() > _HOT_SHARE):
            return "over"
        if not self._is_raised():
            return "weak" if self.wear.is_worn or self.peaks.is_poor else None
        share, is_pump = self._arrived(), self.modulation.low_k > 0.0
        if self.none.is_raised and share < (_HARDLY if is_pump else 0.8):
            return "none"
        if self.stuck.is_raised:
            return "stuck"
        # Less than half arrives for now: whether it is none at all will show first.
        is_decided = self.modulation.is_back if is_pump else self.none.level < 2.0
        is_little = self.weak.is_raised or (is_pump and self.none.is_raised)
        return "weak" if is_little and is_decided and _HARDLY < share < ALL_SHARE else None
