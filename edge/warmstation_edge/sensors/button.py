"""The staff button: held for two seconds it says that the room is empty.

Wired to ground against the pull-up. Blueprint: `blueprints/staff.toml`.
"""

from __future__ import annotations

from collections.abc import Callable

from gpiozero.pins import Factory

from warmstation_edge.presses import ButtonState, after_edge, after_time
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.edges import PinEdges
from warmstation_edge.sensors.levels import PRESSED


class StaffButton:
    """How often it was held, since the start; `stuck` while it never lets go."""

    def __init__(self, pin: int, *, monotonic: Callable[[], float], pin_factory: Factory) -> None:
        self._edges = PinEdges(pin, quiet=not PRESSED, monotonic=monotonic, pin_factory=pin_factory)
        self._state = ButtonState()

    def read(self, now: float) -> Reading[int]:
        """Count of long presses."""
        for edge in self._edges.drain(now):
            self._state = after_edge(self._state, edge.at, edge.level == PRESSED)
        self._state = after_time(self._state, now)
        if self._state.is_stuck(now):
            return Reading.without(Missing.STUCK)
        return Reading.of(self._state.held)

    def close(self) -> None:
        """Let go of the pin."""
        self._edges.close()
