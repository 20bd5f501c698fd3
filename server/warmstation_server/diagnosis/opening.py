"""Does the room lose heat as through an open door? Evidence in the room's residuals."""

from __future__ import annotations

from dataclasses import dataclass, field

from warmstation_server.diagnosis.cusum import Cusum
from warmstation_server.diagnosis.likelihood import limited, ratio

_CLOSED_FACTOR = 4.0  # nobody passes: an open door is less likely, a model error is not
_LEAST_DIFFERENCE_K = 4.0
_STEP_K = 0.6
_SHARP_BIN_MIN = 4.0
_HELD_FROM = 4.0
_HELD_S = 2.5 * 3600.0


@dataclass(slots=True)
class Opening:
    """A door wide open, or ajar while the heater makes up for it.

    `sharpest`: the largest fall of the reading in one bin of this excursion, in K.
    """

    wide: Cusum = field(default_factory=Cusum)
    ajar: Cusum = field(default_factory=Cusum)
    sharpest: float = 0.0

    def weigh(
        self,
        error: float,
        sigma: float,
        at_s: float,
        minutes: float,
        *,
        difference: float,
        is_open: bool,
    ) -> None:
        """Takes a residual. Both detectors forget: evidence that trickles in over many hours is
        the model's own error."""
        factor = 1.0 if is_open else _CLOSED_FACTOR
        for cusum, sigmas, least_k, bar, fades_min in (
            (self.wide, 2.0, 0.15, 13.0, 90.0),
            (self.ajar, 1.2, 0.12, 30.0, 240.0),
        ):
            step = -1.0
            if difference >= _LEAST_DIFFERENCE_K:
                step = ratio(error, -max(sigmas * sigma, least_k), sigma)
            cusum.level *= 1.0 - min(1.0, minutes / fades_min)
            cusum.add(limited(step), at_s, minutes, factor * bar)

    def watch(self, change: float, minutes: float) -> None:
        """Takes the reading's own change; rare samples hide how it fell."""
        is_sharp = self.wide.level > 0.0 and minutes < _SHARP_BIN_MIN
        self.sharpest = min(self.sharpest, change) if is_sharp else 0.0

    @property
    def is_raised(self) -> bool:
        """Whether either detector is sure."""
        return self.wide.is_raised or self.ajar.is_raised

    @property
    def since_s(self) -> float:
        """When the later of the two excursions began."""
        return max(self.wide.since_s, self.ajar.since_s)

    def is_step(self, change: float) -> bool:
        """Whether the reading jumped once and then stayed: through a door it goes on falling."""
        return self.sharpest < -_STEP_K and change > 0.25 * self.sharpest

    def holds_learning(self, at_s: float) -> bool:
        """Learning waits while a door seems open, but not for long: the model may be wrong."""
        return any(
            cusum.level > _HELD_FROM and at_s - cusum.since_s < _HELD_S
            for cusum in (self.wide, self.ajar)
        )
