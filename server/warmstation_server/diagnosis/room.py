"""The last link, outlet -> room: does the room follow the heat it is given?

In bins of about three minutes the change of the room temperature is regressed on what moves
it: outdoor minus room, slow means minus room (the walls), the last change, heat at three lags,
door passages times temperature difference at two lags. What is left over, in units of its own
learned spread, is held against the template of every trouble: heat that is missing, half missing,
not asked for; a door that stands open. All in heating direction (cooling is negated outside).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import copysign, exp
from operator import mul

from warmstation_server.diagnosis.bins import Gathered
from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.felt import TOO_MUCH, Felt
from warmstation_server.diagnosis.likelihood import limited, ratio, within
from warmstation_server.diagnosis.opening import Opening
from warmstation_server.diagnosis.regression import Regression
from warmstation_server.diagnosis.sample import Minute
from warmstation_server.diagnosis.shift import Shift
from warmstation_server.diagnosis.spreads import Spreads

_FORGETTING = 0.9997
_BIN_MIN = 3.0
_PRIOR = [0.2, 0.1, 0.1, 0.2, 0.0, 0.05, 0.05, 0.05, 0.0, 0.0]
_HEAT = slice(5, 8)
_BIAS_MIN = 60.0
_BIAS_SIGMAS = 3.0
_GAIN_SIGMAS = 0.75
_LEAST_R = -0.4
_BLIND_MIN = 30.0  # after a gap the lags and means are guesses
_MODEL_DOUBT = 0.15  # share of the expected change that the coefficients may err by
_HEAT_BAR = 14.0
_SUSPECT_NATS = 5.0
_STALE_MIN = 3.0 * 1440.0  # what was said of heat that nobody asks for is not said for ever
_SETTLE_BINS = 100.0
_UNKNOWN_DIFFERENCE_K = 20.0  # nobody says how cold it is outside: in a heating season it is
_WEIGH_FROM = 480.0  # about a day: excursions from then on teach the bars


@dataclass(slots=True)
class Room:
    """Residuals of the room's own model, and the evidence in them.

    `means`: the room's 1 h and 10 h means. `heat`, `asked`: heat input of the last six bins, as
    measured at the last trusted link and as the call implies. `part_k`: what the heat adds in this
    bin; `unseen_k`: what it lacks of what was asked.
    """

    model: Regression = field(default_factory=lambda: Regression.of(_PRIOR, 1.0))
    gathered: Gathered = field(default_factory=Gathered)
    temperature: float | None = None
    change: float = 0.0
    means: list[float] = field(default_factory=lambda: [0.0, 0.0])
    heat: list[float] = field(default_factory=lambda: [0.0] * 6)
    asked: list[float] = field(default_factory=lambda: [0.0] * 6)
    doors: list[float] = field(default_factory=lambda: [0.0] * 2)
    spreads: Spreads = field(default_factory=Spreads)
    bins: float = 0.0
    error: float = 0.0
    bias: float = 0.0
    has_gain: bool = False
    last_error: float = 0.0
    squares: float = 1e-4
    products: float = 0.0
    expected: float = 0.0
    part_k: float = 0.0
    unseen_k: float = 0.0
    heat_is_seen: bool = True
    odd_min: float = 0.0
    is_doubted: bool = False
    modulates: bool = False
    blind_min: float = 0.0
    difference: float = 0.0
    is_outdoor_known: bool = False
    none: Cusum = field(default_factory=Cusum)
    weak: Cusum = field(default_factory=Cusum)
    stuck: Cusum = field(default_factory=Cusum)
    opening: Opening = field(default_factory=Opening)
    shift: Shift = field(default_factory=Shift)
    felt: Felt = field(default_factory=Felt)

    def after(
        self,
        minute: Minute,
        heat: float,
        asked: float,
        *,
        may_learn: bool,
        heat_is_seen: bool,
        is_odd: bool = False,
        is_doubted: bool = False,
        modulates: bool = False,
    ) -> bool:
        """Takes a minute; True where it closed a bin and the evidence has moved.

        `heat`, `asked`: 0..1 of usual. `heat_is_seen`: heat comes from the outlet's
        temperature, so that heat that does not arrive is not the room's to tell. `is_odd`: the
        outlet shows more than the call can bring, so that the room owes it nothing. `is_doubted`:
        the outlet shows too little, and the room is asked whether it is so. `modulates`: what the
        outlet shows is the heater's own mind, and the room is asked whether it feels so much.
        """
        self.is_doubted, self.heat_is_seen, self.modulates = is_doubted, heat_is_seen, modulates
        self.odd_min = 15.0 if is_odd else max(0.0, self.odd_min - minute.length_min)
        if minute.is_gap:
            self.lost_track(minute.room, minute.length_min)
            return False
        self.gathered.add(minute, heat, asked)
        if minute.room is None or self.gathered.minutes < _BIN_MIN - 0.25 * minute.length_min:
            return False
        return self._close_bin(minute, may_learn=may_learn, heat_is_seen=heat_is_seen)

    @property
    def is_suspect(self) -> bool:
        """Whether some evidence is building up."""
        return self.none.level > _SUSPECT_NATS or self.stuck.level > _SUSPECT_NATS

    def _holds_heat(self, at_s: float) -> bool:
        """Whether heat that nobody called for is suspected, and no outlet could have told it."""
        return not self.heat_is_seen and self.stuck.holds(_SUSPECT_NATS, at_s)

    @property
    def usual_error_k(self) -> float:
        """The residuals' spread where people pass; where nobody counts them, in such an hour."""
        return self.spreads.usual

    def verdict(self) -> str | None:
        """`none`, `weak`, `stuck`, `door`, or None while all is well."""
        wide, is_beyond = self.opening.wide.level, self.opening.is_beyond_heat
        if self.none.is_raised and self.none.level >= wide and not is_beyond:
            return "none"
        if self.opening.is_raised:
            # A loss as large as the heat that no outlet shows is that heat; a larger one is not.
            is_heat = not self.heat_is_seen and self.none.level > 0.6 * wide and not is_beyond
            return "none" if is_heat else "door"
        if self.none.is_raised and not is_beyond:
            return "none"
        if self.stuck.is_raised:
            return "stuck"
        return "weak" if self.weak.is_raised and not is_beyond else None

    def lost_track(self, room: float | None, minutes: float) -> None:
        """For so long nothing was heard of it; `room`: what it is by now, or was at last."""
        self.temperature, self.change, self.blind_min = None, 0.0, _BLIND_MIN
        if room is not None and self.bins > 0.0:  # the walls have gone on without being watched
            self.means[0] += (room - self.means[0]) * (1.0 - exp(-minutes / 60.0))
            self.means[1] += (room - self.means[1]) * (1.0 - exp(-minutes / 600.0))
        self.gathered.lose()

    def _close_bin(self, minute: Minute, *, may_learn: bool, heat_is_seen: bool) -> bool:
        closed = self.gathered.closed()
        room, total = closed.room, closed.minutes
        before, self.temperature = self.temperature, room
        self.heat = [closed.heat, *self.heat[:5]]
        self.asked = [closed.asked, *self.asked[:5]]
        if before is None:
            if self.bins == 0.0:
                self.means = [room, room]
            return False
        self.is_outdoor_known = closed.outdoor is not None
        self.difference = before - closed.outdoor if closed.outdoor is not None else 0.0
        self.doors = [closed.doors * _stack(self.difference), self.doors[0]]
        self.spreads.turn_to(self.doors[0] + self.doors[1], minute.at_s)
        x = self._shaped(before)
        self.expected = self.model.expected(x)
        reach = self.model.reach(x)
        change = room - before
        residual = change - self.expected
        pull = self.shift.pull(self.model.theta)
        self.error = residual - self.bias - pull
        sigma = self._sigma(sum(map(mul, reach, x)))
        persistent = sigma * self._persistence()
        if self.blind_min > 0.0:
            self.blind_min -= total
        else:
            self._weigh(minute, x, total, persistent, heat_is_seen=heat_is_seen)
            holds = self.opening.holds_learning(minute.at_s) or self._holds_heat(minute.at_s)
            if may_learn and not holds:
                self._learn(x, residual - pull, total, reach)
        if not (self.is_doubted or self.felt.is_hot) or abs(self.unseen_k) < sigma:
            self._follow_drift(residual, sigma, total)
        self.last_error = self.error
        self.change = change
        self.means[0] += (room - self.means[0]) * min(1.0, total / 60.0)
        self.means[1] += (room - self.means[1]) * min(1.0, total / 600.0)
        return True

    def _follow_drift(self, residual: float, sigma: float, total: float) -> None:
        """What the model gets wrong for hours, and a reading that was shifted; not heat that
        the outlet hides."""
        if self.bins > _SETTLE_BINS and self.blind_min <= 0.0:
            self.shift.after(residual - self.bias, self.error, sigma, total)
        self.bias += within(self.error, _BIAS_SIGMAS * sigma) * min(1.0, total / _BIAS_MIN)

    def _sigma(self, doubt: float) -> float:
        """Spread of an innovation: its own, that of the coefficients (which outgrows all else
        where the model has not been yet), and what the model's form leaves out."""
        own = max(0.02, self.spreads.own)
        form = _MODEL_DOUBT * self.expected
        return float((own * own * (1.0 + min(9.0, doubt)) + form * form) ** 0.5)

    def _shaped(self, before: float) -> list[float]:
        heat = self.heat
        return [
            -self.difference / 50.0,
            (self.means[0] - before) / 5.0,
            (self.means[1] - before) / 5.0,
            self.change,
            0.1,
            heat[0],
            heat[1],
            (heat[2] + heat[3] + heat[4] + heat[5]) / 4.0,
            *self.doors,
        ]

    def _weigh(
        self, minute: Minute, x: list[float], total: float, sigma: float, *, heat_is_seen: bool
    ) -> None:
        theta, asked = self.model.theta, self.asked
        implied = (
            theta[5] * asked[0]
            + theta[6] * asked[1]
            + theta[7] * (asked[2] + asked[3] + asked[4] + asked[5]) / 4.0
        )
        given = sum(t * h for t, h in zip(theta[_HEAT], x[_HEAT], strict=True))
        self.unseen_k = implied - given
        self.felt.weigh(self.error, self.unseen_k, sigma)
        self.part_k = given
        if self.bins < _WEIGH_FROM:
            return
        at_s, error = minute.at_s, self.error
        self.opening.weigh(
            error + self._gain_that_may_end(sigma),
            sigma,
            at_s,
            total,
            difference=self.difference if self.is_outdoor_known else _UNKNOWN_DIFFERENCE_K,
            heat_k=0.0 if heat_is_seen else given,
            is_likely=minute.is_open,
            drift=self.bias + self.shift.pull(theta),
        )
        if heat_is_seen:
            if self.modulates:
                self.felt.weigh_surplus(error, self.unseen_k, implied, sigma, at_s, total)
            else:
                self.felt.surplus.calm()
            return
        is_idle = minute.call is not None and x[5] < 0.05  # unasked, which is not untold
        self._weigh_missing(error, given, sigma, at_s, total, is_idle=is_idle)
        full = sum(theta[_HEAT]) * (1.0 - min(1.0, x[5] + x[6] + x[7]))
        stuck = ratio(error, 0.6 * full, sigma) if is_idle and full > 0.0 else -1.0
        self.stuck.add(limited(stuck), at_s, total, _HEAT_BAR)

    def _gain_that_may_end(self, sigma: float) -> float:
        """Sun on the sensor, a plugged heater: where such a gain stood when the loss began, its
        end is not held against the room. Nor is what an outlet shows beyond its call."""
        if self.opening.wide.level <= 0.0:
            self.has_gain = self.bias > _GAIN_SIGMAS * sigma
        gain = max(0.0, self.bias) if self.has_gain else 0.0
        return gain + TOO_MUCH * max(0.0, -self.unseen_k) if self.odd_min > 0.0 else gain

    def _weigh_missing(
        self, error: float, given: float, sigma: float, at_s: float, total: float, *, is_idle: bool
    ) -> None:
        none = weak = -_HEAT_BAR * total / _STALE_MIN if is_idle else 0.0
        if given > 0.0:
            none = limited(ratio(error, -0.95 * given, sigma))
            weak = limited(ratio(error, -0.5 * given, sigma))
        self.none.add(none, at_s, total, _HEAT_BAR)
        self.weak.add(weak, at_s, total, 1.5 * _HEAT_BAR)

    def _persistence(self) -> float:
        """How much wider sums of residuals spread because neighbours resemble each other, or
        narrower where they undo each other, as the noise of a sensor does in its differences.

        For a first-order autocorrelation r the variance of a sum grows by (1 + r) / (1 - r).
        """
        r = min(0.8, max(_LEAST_R, self.products / self.squares))
        return float(((1.0 + r) / (1.0 - r)) ** 0.5)

    def _learn(self, x: list[float], error: float, total: float, reach: list[float]) -> None:
        self.bins += 1.0
        bound = 3.5 * self.spreads.own if self.bins > _SETTLE_BINS else 5.0
        self.model.learn(x, within(error, bound), _FORGETTING, reach)
        theta = self.model.theta
        theta[3] = min(0.95, max(-0.5, theta[3]))
        rate = max(0.004, 1.0 / (1.0 + self.bins))
        clipped = within(self.error, bound)
        last = within(self.last_error, bound)
        self.squares += rate * (clipped * clipped - self.squares)
        self.products += rate * (clipped * last - self.products)
        self.spreads.learn(clipped)


def _stack(difference: float) -> float:
    """Heat through an opening by buoyancy, difference^1.5 (orifice law), in units of 20 K."""
    return copysign((abs(difference) / 20.0) ** 1.5, difference)
