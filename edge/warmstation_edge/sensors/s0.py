"""S0: the pulse output of a meter on a DIN rail, as power. Blueprint: `blueprints/heater.toml`.

IEC 62053-31: an open collector that conducts for each pulse; wired to ground against the pull-up.
A cut wire cannot be told from no load, so no contactor may depend on it.
"""

from __future__ import annotations

from collections.abc import Callable

from gpiozero.pins import Factory

from warmstation_edge.pulses import PulseState, after_edge, after_time, watts
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.edges import PinEdges
from warmstation_edge.sensors.levels import PULSE


class S0Meter:
    """Watts by the distance of pulses; `waiting` until there were two."""

    def __init__(
        self,
        pin: int,
        pulses_per_kwh: float,
        *,
        monotonic: Callable[[], float],
        pin_factory: Factory,
    ) -> None:
        self._edges = PinEdges(pin, quiet=not PULSE, monotonic=monotonic, pin_factory=pin_factory)
        self._pulses_per_kwh = pulses_per_kwh
        self._state = PulseState(since=monotonic())

    @property
    def count(self) -> int:
        """Pulses since the start, for whoever compares with the meter's own lamp."""
        return self._state.count

    def read(self, now: float) -> Reading[float]:
        """Electric power in watts."""
        for edge in self._edges.drain(now):
            self._state = after_edge(self._state, edge.at, edge.level == PULSE)
        self._state = after_time(self._state, now)
        if self._state.is_stuck(now):
            return Reading.without(Missing.STUCK, "the pulse line never lets go: + and - swapped?")
        power_w = watts(self._state, self._pulses_per_kwh, now)
        return Reading.without(Missing.WAITING) if power_w is None else Reading.of(power_w)

    def close(self) -> None:
        """Let go of the pin."""
        self._edges.close()
