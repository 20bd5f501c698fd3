"""Does the room lose heat as through an open door? Evidence in the room's innovations."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.ajar import Ajar
from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.holds import Holds
from warmstation_server.diagnosis.likelihood import limited, ratio

_CLOSED_FACTOR = 4.0  # nobody passes: an open door is less likely, a model error is not
_LEAST_DIFFERENCE_K = 4.0
_SIGMAS = 2.5
_LEAST_K = 0.15
_BAR = 15.0
_PULSE = 0.65  # a bin's share of the bin before, where a reading was shifted
_LASTS_NATS = 4.0
_FADES_MIN = 90.0
_HELD_FROM = 4.0
_HELD_S = 2.5 * 3600.0
_HELD_SIGMAS, _HELD_MIN = 7.0, (3.5, 17.0)  # what lasts longer was told, or was no rider's
_STILL_SIGMAS = 2.0
_STILL_SHARE = 0.45  # of what it was: a slow sensor shows less of a door that was just shut
_QUIET_SIGMAS, _QUIET_SHARE, _QUIET_BINS = 0.5, 0.25, 2.0
_PLUNGE_K = 4.0  # no sensor is moved so far
_HEAT_SHARE, _HEAT_SIGMAS = 1.15, 3.0  # the model may err by so much of the heat


@dataclass(slots=True)
class Opening:
    """A door that stands open: a loss that came within minutes and lasts.

    In units of the loss at 20 K: `lost`: unexplained falls over the `bins` since it was opened,
    and without its first bin, which may be half of one; `pulse`: the same weighed as something
    that dies away; `noise`: their spread, `last`: the latest. `fallen_k`: the falls in K,
    `deepest`: the most `lost` was in spreads of so many bins. `beyond`: what was lost, bin by bin,
    beyond all that a heater gives that nobody watches. `opened_s`: when the loss began,
    `shut_s`: its last bin, `quiet`: bins without since then. `outlet_fell`: what the outlet
    measures has fallen with the reading.
    """

    wide: Cusum = field(default_factory=Cusum)
    holds: Holds = field(default_factory=Holds)
    ajar: Ajar = field(default_factory=Ajar)
    lost: list[float] = field(default_factory=lambda: [0.0, 0.0])
    pulse: list[float] = field(default_factory=lambda: [0.0, 0.0])
    bins: float = 0.0
    noise: float = 0.0
    last: float = 0.0
    before: float = 0.0
    fallen_k: float = 0.0
    deepest: float = 0.0
    beyond: float = 0.0
    at_s: float = 0.0
    opened_s: float = 0.0
    shut_s: float = 0.0
    quiet: float = 0.0
    outlet_fell: bool = False

    def weigh(
        self,
        error: float,
        sigma: float,
        at_s: float,
        minutes: float,
        *,
        difference: float,
        heat_k: float,
        is_likely: bool,
        drift: float = 0.0,
    ) -> None:
        """Takes an innovation. Evidence that trickles in over hours is the model's own error,
        so it fades. `heat_k`: the heat of this bin that only the call vouches for; `is_likely`:
        in opening hours; `drift`: what the model gets wrong for hours, in K a bin."""
        step = -1.0
        if difference >= _LEAST_DIFFERENCE_K:
            step = ratio(error, -max(_SIGMAS * sigma, _LEAST_K), sigma)
        wide, ajar = self.wide, self.ajar
        if wide.level <= 0.0 and ajar.loss <= 0.0:
            ajar.usual_k = drift
        wide.level *= 1.0 - min(1.0, minutes / _FADES_MIN)
        wide.add(limited(step), at_s, minutes, _BAR if is_likely else _CLOSED_FACTOR * _BAR)
        self.at_s = at_s
        self.holds.watched(minutes)
        if wide.level > 0.0 or ajar.loss > 0.0:
            draught = (max(_LEAST_DIFFERENCE_K, difference) / 20.0) ** 1.5
            loss, noise = -error / draught, sigma / draught
            ajar.after(loss + (ajar.usual_k - drift) / draught, noise)
            if wide.level > 0.0 and self._goes_on(loss, noise, minutes):
                self.fallen_k -= error
                self.beyond += max(0.0, loss - noise - _HEAT_SHARE * heat_k / draught)
                self._follow(loss, noise)
                return
        if self.bins > 0.0:
            self._ended(is_likely=is_likely)

    def _goes_on(self, loss: float, noise: float, minutes: float) -> bool:
        """Whether it is one opening still: a bin or two of nothing, or of far less, end it,
        though the evidence of it has yet to fade."""
        bins = self.bins
        usual = self.lost[1] / (bins - 1.0) if bins > 1.0 else 0.0
        if loss > max(_QUIET_SIGMAS * noise, _QUIET_SHARE * usual):
            if bins == 0.0:
                self.opened_s = self.at_s - 60.0 * minutes
            self.shut_s, self.quiet = self.at_s, 0.0
            return True
        self.quiet += 1.0
        return bins > 0.0 and self.quiet < _QUIET_BINS

    def _follow(self, loss: float, noise: float) -> None:
        bins, lost, pulse = self.bins, self.lost, self.pulse
        lost[0] += loss
        pulse[0] += loss * _PULSE**bins
        if bins >= 1.0:
            lost[1] += loss
            pulse[1] += loss * _PULSE ** (bins - 1.0)
        self.bins, self.noise, self.before, self.last = bins + 1.0, noise, self.last, loss
        self.deepest = max(self.deepest, lost[0] / (noise * (bins + 1.0) ** 0.5))

    def _ended(self, *, is_likely: bool) -> None:
        """What came and went within minutes was a rider."""
        lasted_min = (self.shut_s - self.opened_s) / 60.0
        if is_likely and self.deepest > _HELD_SIGMAS and _HELD_MIN[0] < lasted_min < _HELD_MIN[1]:
            self.holds.ended(lasted_min)
        self.lost, self.pulse = [0.0, 0.0], [0.0, 0.0]
        self.bins = self.last = self.fallen_k = self.deepest = self.quiet = self.beyond = 0.0

    @property
    def is_beyond_heat(self) -> bool:
        """Whether more is lost than a heater can fail to give: all that it gives."""
        bins = self.bins
        return bins >= 2.0 and self.beyond > _HEAT_SIGMAS * self.noise * bins**0.5

    @property
    def is_raised(self) -> bool:
        """Whether the detector is sure."""
        if not self.wide.is_raised or self.bins < 2.0:
            return False
        return self._stood_min() > self.holds.patience_min and self._lasts()

    def _stood_min(self) -> float:
        """How long it has stood as wide open as now: a little loss before is little time."""
        now = max(self.noise, 0.5 * (self.last + self.before))
        share = min(1.0, (self.lost[0] / now + 0.5) / self.bins)
        return share * (self.at_s - self.opened_s) / 60.0

    def _lasts(self) -> bool:
        """A reading that fell at once was moved, a fall that has ended was a rider's: through an
        open door it goes on. Two templates, their log-likelihood ratio."""
        n, last = self.bins, self.last
        if last < _STILL_SHARE * max(self.before, (self.lost[0] - last) / (n - 1.0)):
            return False
        still = _STILL_SIGMAS * self.noise
        if last > still and (
            self.fallen_k > _PLUNGE_K or (self.outlet_fell and self.before > still)
        ):
            return True
        goes_on = max(self.lost[0] ** 2 / n, self.lost[1] ** 2 / (n - 1.0))
        dies = max(p * p / _weight(n - k) for k, p in enumerate(self.pulse))
        return goes_on - dies > 2.0 * _LASTS_NATS * self.noise**2

    def told(self, *, is_door: bool) -> None:
        """A trouble was told; an open door stands until the room gains back what it took."""
        if is_door and self.bins > 0.0:
            self.ajar.tell(max(self.noise, self.lost[0] / self.bins))
        else:
            self.ajar.end()

    @property
    def since_s(self) -> float:
        """When the door was opened."""
        return self.opened_s

    def holds_learning(self, at_s: float) -> bool:
        """Learning waits while a door seems open, but not for long: the model may be wrong."""
        return self.wide.level > _HELD_FROM and at_s - self.wide.since_s < _HELD_S


def _weight(bins: float) -> float:
    """Sum of the squares of a pulse's template."""
    return float((1.0 - _PULSE ** (2.0 * bins)) / (1.0 - _PULSE**2))
