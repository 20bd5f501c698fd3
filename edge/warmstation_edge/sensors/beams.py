"""Two beams across the door. gpiozero's threads only enqueue; the sampler drains."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from gpiozero import InputDevice
from gpiozero.pins import Factory

from warmstation_edge.people import Beam, Edge
from warmstation_edge.sensors.guarded import built
from warmstation_edge.sensors.levels import INTERRUPTED

_log = logging.getLogger(__name__)
_PLAUSIBLY_AGO_S = 60.0
"""Old kernels stamp edges with the wall clock: then now is the better guess."""


class BeamPair:
    """The door's outer and inner beam; `monotonic` is the clock that edges are told in."""

    def __init__(
        self,
        outer_pin: int,
        inner_pin: int,
        *,
        monotonic: Callable[[], float],
        pin_factory: Factory,
    ) -> None:
        self._edges: deque[Edge] = deque()
        self._receivers = (
            _Receiver(Beam.OUTER, outer_pin, self._edges, monotonic, pin_factory),
            _Receiver(Beam.INNER, inner_pin, self._edges, monotonic, pin_factory),
        )

    def drain(self, now: float) -> list[Edge]:
        """Edges since the last call, oldest first.

        A level that no edge explains (at start, or after a lost interrupt) makes one at `now`.
        """
        if not self._edges:
            for receiver in self._receivers:
                receiver.catch_up(now)
            if not self._edges:
                return []
        drained = [self._edges.popleft() for _ in range(len(self._edges))]
        drained.sort(key=_time)
        return drained

    def close(self) -> None:
        """Let go of both pins."""
        for receiver in self._receivers:
            receiver.close()


class GuardedBeams:
    """A pair of beams that raises nothing: what cannot be built or read is absent."""

    def __init__(self, build: Callable[[], BeamPair]) -> None:
        self._is_well = True
        self._pair = built("door", build)

    def drain(self, now: float) -> list[Edge] | None:
        """Edges since the last call; None = absent."""
        if self._pair is None:
            return None
        try:
            edges = self._pair.drain(now)
        except Exception as error:  # noqa: BLE001 - drivers raise anything; none may stop the rest
            if self._is_well:
                _log.warning("door: its beams cannot be read: %s", error)
            self._is_well = False
            return None
        self._is_well = True
        return edges

    def close(self) -> None:
        """Let go of both pins."""
        if self._pair is not None:
            self._pair.close()


class _Receiver:
    """One beam's receiver; `told` is the last level that went into the queue."""

    def __init__(
        self,
        beam: Beam,
        pin: int,
        edges: deque[Edge],
        monotonic: Callable[[], float],
        factory: Factory,
    ) -> None:
        self._beam = beam
        self._edges = edges
        self._monotonic = monotonic
        self._factory = factory
        self._told = not INTERRUPTED
        self._device = InputDevice(pin, pull_up=True, pin_factory=factory)
        self._pin = self._device.pin
        self._pin.edges = "both"
        self._pin.when_changed = self._changed

    def catch_up(self, now: float) -> None:
        level = bool(self._pin.state)
        if level != self._told:
            self._tell(now, level)

    def close(self) -> None:
        self._device.close()

    def _changed(self, ticks: float, state: int) -> None:
        ago_s = self._factory.ticks_diff(self._factory.ticks(), ticks)
        if abs(ago_s) > _PLAUSIBLY_AGO_S:
            ago_s = 0.0
        self._tell(self._monotonic() - ago_s, bool(state))

    def _tell(self, at: float, level: bool) -> None:
        self._told = level
        self._edges.append(Edge(at, self._beam, level == INTERRUPTED))


def _time(edge: Edge) -> float:
    return edge.at
