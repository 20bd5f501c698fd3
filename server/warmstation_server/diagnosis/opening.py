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
_PATIENCE_MIN = 14.5  # riders hold a door for minutes; nobody is to be told of that
_GOES_ON = 0.4
_FADES_MIN = 90.0
_HELD_FROM = 4.0
_HELD_S = 2.5 * 3600.0


@dataclass(slots=True)
class Opening:
    """A door that stands open: a loss that came within minutes and lasts.

    `sharpest`: the largest unexplained fall in one bin of this excursion, `last`: the latest.
    """

    wide: Cusum = field(default_factory=Cusum)
    sharpest: float = 0.0
    last: float = 0.0
    at_s: float = 0.0

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
        factor = 1.0 if is_likely else _CLOSED_FACTOR
        step = -1.0
        if difference >= _LEAST_DIFFERENCE_K:
            step = ratio(error, -max(_SIGMAS * sigma, _LEAST_K), sigma)
        self.wide.level *= 1.0 - min(1.0, minutes / _FADES_MIN)
        self.wide.add(limited(step), at_s, minutes, factor * _BAR)
        self.last, self.at_s = error, at_s
        self.sharpest = min(self.sharpest, error) if self.wide.level > 0.0 else 0.0

    @property
    def is_raised(self) -> bool:
        """Whether the detector is sure. A reading that fell at once and then hardly more was
        moved: through a door it goes on falling."""
        if not self.wide.is_raised or self.last > _GOES_ON * self.sharpest:
            return False
        return self.at_s - self.wide.since_s > 60.0 * _PATIENCE_MIN

    @property
    def since_s(self) -> float:
        """When the excursion began."""
        return self.wide.since_s

    def holds_learning(self, at_s: float) -> bool:
        """Learning waits while a door seems open, but not for long: the model may be wrong."""
        return self.wide.level > _HELD_FROM and at_s - self.wide.since_s < _HELD_S
