"""Does the room lose heat as through an open door? Evidence in the room's innovations."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.likelihood import limited, ratio

_CLOSED_FACTOR = 4.0  # nobody passes: an open door is less likely, a model error is not
_LEAST_DIFFERENCE_K = 4.0
_SIGMAS = 2.5
_LEAST_K = 0.15
_BAR = 15.0
_PATIENCE_MIN = 18.0  # riders hold a door for minutes; nobody is to be told of that
_CALM_MIN = 8.5  # where nobody was seen to hold it
_PULSE = 0.75  # a bin's share of the bin before, where a reading was shifted or a rider has gone
_LASTS_NATS = 4.0
_FADES_MIN = 90.0
_HELD_FROM = 4.0
_HELD_S = 2.5 * 3600.0
_RIDER_NATS = 12.0
_SHORT_NATS = 11.5  # two bins of all the evidence a bin can give,
_SHORT_SIGMAS = 9.0  # and they were deep: a few who pass together are not
_STILL_SIGMAS = 2.0
_PLUNGE_K = 4.0  # no sensor is moved so far
_RIDER_MIN = (3.5, 45.0)
_RIDERS_FORGOTTEN_S = 60.0 * 86400.0
_RIDERS_LEARNED_S = 12.0 * 86400.0


@dataclass(slots=True)
class Opening:
    """A door that stands open: a loss that came within minutes and lasts.

    In units of the loss at 20 K: `lost`: unexplained falls over the `bins` since the excursion
    began, and without its first bin, which may be half of one; `pulse`: the same weighed as
    something that dies away; `noise`: their spread, `last`: the latest. `fallen_k`: the falls in
    K, `deepest`: the most `lost` was in spreads. `held_at_s`: when a rider was last seen to hold
    the door, which asks for patience. `outlet_fell`: what the outlet measures has fallen with the
    reading.
    """

    wide: Cusum = field(default_factory=Cusum)
    lost: list[float] = field(default_factory=lambda: [0.0, 0.0])
    pulse: list[float] = field(default_factory=lambda: [0.0, 0.0])
    bins: float = 0.0
    noise: float = 0.0
    last: float = 0.0
    before: float = 0.0
    fallen_k: float = 0.0
    deepest: float = 0.0
    at_s: float = 0.0
    held_at_s: float | None = None
    outlet_fell: bool = False

    def weigh(
        self,
        error: float,
        sigma: float,
        at_s: float,
        minutes: float,
        *,
        difference: float,
        is_likely: bool,
    ) -> None:
        """Takes an innovation. Evidence that trickles in over hours is the model's own error,
        so it fades. `is_likely`: in opening hours."""
        if self.held_at_s is None:
            self.held_at_s = at_s - _RIDERS_FORGOTTEN_S + _RIDERS_LEARNED_S
        step = -1.0
        if difference >= _LEAST_DIFFERENCE_K:
            step = ratio(error, -max(_SIGMAS * sigma, _LEAST_K), sigma)
        wide, peak = self.wide, self.wide.peak
        wide.level *= 1.0 - min(1.0, minutes / _FADES_MIN)
        wide.add(limited(step), at_s, minutes, _BAR if is_likely else _CLOSED_FACTOR * _BAR)
        self.at_s = at_s
        if wide.level > 0.0:
            draught = (max(_LEAST_DIFFERENCE_K, difference) / 20.0) ** 1.5
            self.fallen_k -= error
            self._follow(-error / draught, sigma / draught)
        elif self.bins > 0.0:
            self._ended(peak, at_s, is_likely=is_likely)

    def _follow(self, loss: float, noise: float) -> None:
        bins, lost, pulse = self.bins, self.lost, self.pulse
        lost[0] += loss
        pulse[0] += loss * _PULSE**bins
        if bins >= 1.0:
            lost[1] += loss
            pulse[1] += loss * _PULSE ** (bins - 1.0)
        self.bins, self.noise, self.before, self.last = bins + 1.0, noise, self.last, loss
        self.deepest = max(self.deepest, lost[0] / noise)

    def _ended(self, peak: float, at_s: float, *, is_likely: bool) -> None:
        """What came and went within minutes was a rider."""
        lasted_min = (at_s - self.wide.since_s) / 60.0
        is_great = peak > _RIDER_NATS or (peak > _SHORT_NATS and self.deepest > _SHORT_SIGMAS)
        if is_likely and is_great and _RIDER_MIN[0] < lasted_min < _RIDER_MIN[1]:
            self.held_at_s = at_s
        self.lost, self.pulse = [0.0, 0.0], [0.0, 0.0]
        self.bins = self.fallen_k = self.deepest = 0.0

    @property
    def is_raised(self) -> bool:
        """Whether the detector is sure."""
        if not self.wide.is_raised or self.bins < 2.0:
            return False
        is_calm = self.at_s - (self.held_at_s or 0.0) > _RIDERS_FORGOTTEN_S
        patience = _CALM_MIN if is_calm else _PATIENCE_MIN
        return self.at_s - self.wide.since_s > 60.0 * patience and self._lasts()

    def _lasts(self) -> bool:
        """A reading that fell at once was moved, a fall that has ended was a rider's: through an
        open door it goes on. Two templates, their log-likelihood ratio."""
        n = self.bins
        still = _STILL_SIGMAS * self.noise
        if self.last > still and (
            self.fallen_k > _PLUNGE_K or (self.outlet_fell and self.before > still)
        ):
            return True
        goes_on = max(self.lost[0] ** 2 / n, self.lost[1] ** 2 / (n - 1.0))
        dies = max(p * p / _weight(n - k) for k, p in enumerate(self.pulse))
        return goes_on - dies > 2.0 * _LASTS_NATS * self.noise**2

    @property
    def since_s(self) -> float:
        """When the excursion began."""
        return self.wide.since_s

    def holds_learning(self, at_s: float) -> bool:
        """Learning waits while a door seems open, but not for long: the model may be wrong."""
        return self.wide.level > _HELD_FROM and at_s - self.wide.since_s < _HELD_S


def _weight(bins: float) -> float:
    """Sum of the squares of a pulse's template."""
    return float((1.0 - _PULSE ** (2.0 * bins)) / (1.0 - _PULSE**2))
