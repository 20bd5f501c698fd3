"""A pin whose edges are queued: gpiozero's threads only enqueue, one thread drains.

No library's debounce is used (gpiozero's mock pins have none, and lgpio's delays the time stamps):
`people`, `pulses` and `presses` each know what a bounce is in their own trade.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from gpiozero.input_devices import InputDevice
from gpiozero.pins import Factory

_PLAUSIBLY_AGO_S = 60.0
"""Old kernels stamp edges with the wall clock: then now is the better guess."""
_DEAF_AFTER = 6
"""A single edge may get lost. Where the level changes so often and no edge is told at all, the
library's thread is dead: what is shorter than a look would not be seen any more."""


class PinEdge(NamedTuple):
    """The level that a pin took, and when (monotonic seconds)."""

    at: float
    level: bool


class PinEdges:
    """Edges of one pin since the last `drain`. `quiet` is the level that needs no edge at start."""

    def __init__(
        self,
        pin: int,
        *,
        quiet: bool,
        monotonic: Callable[[], float],
        pin_factory: Factory,
    ) -> None:
        self._edges: deque[PinEdge] = deque()
        self._monotonic = monotonic
        self._factory = pin_factory
        self._told = quiet
        self._unexplained = 0
        self._device = InputDevice(pin, pull_up=True, pin_factory=pin_factory)
        self._pin = self._device.pin
        self._listen()

    def drain(self, now: float) -> list[PinEdge]:
        """Edges since the last call, oldest first."""
        self.look(now)
        return self.take()

    def look(self, now: float) -> None:
        """A level that no edge explains (at start, or after a lost interrupt) makes one at `now`.

        Raises what the driver raises; no edge is lost by it. OSError where edges come no more.
        """
        if self._edges:
            return
        level = bool(self._pin.state)
        if level != self._told:
            self._unexplained += 1
            if self._unexplained < _DEAF_AFTER:
                self._tell(now, level)
                return
            self._told = level
            self._listen()
        if self._unexplained >= _DEAF_AFTER:
            raise OSError("its level changes, and no edge is told")

    def take(self) -> list[PinEdge]:
        """The edges that are there, oldest first."""
        return [self._edges.popleft() for _ in range(len(self._edges))]

    def close(self) -> None:
        """Let go of the pin."""
        self._device.close()

    def _listen(self) -> None:
        self._pin.when_changed = None
        self._pin.edges = "both"
        self._pin.when_changed = self._changed

    def _changed(self, ticks: float, state: int) -> None:
        ago_s = self._factory.ticks_diff(self._factory.ticks(), ticks)
        if abs(ago_s) > _PLAUSIBLY_AGO_S:
            ago_s = 0.0
        self._unexplained = 0
        self._tell(self._monotonic() - ago_s, bool(state))

    def _tell(self, at: float, level: bool) -> None:
        self._told = level
        self._edges.append(PinEdge(at, level))
