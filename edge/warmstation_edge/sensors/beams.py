"""Two beams across the door, as one row of edges. Blueprint: `blueprints/door.toml`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from gpiozero.pins import Factory

from warmstation_edge.people import Beam, Edge
from warmstation_edge.sensors.edges import PinEdges
from warmstation_edge.sensors.guarded import built
from warmstation_edge.sensors.levels import INTERRUPTED

_log = logging.getLogger(__name__)


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
        clear = not INTERRUPTED
        self._outer = PinEdges(outer_pin, quiet=clear, monotonic=monotonic, pin_factory=pin_factory)
        try:
            self._inner = PinEdges(
                inner_pin, quiet=clear, monotonic=monotonic, pin_factory=pin_factory
            )
        except BaseException:
            self._outer.close()
            raise

    def drain(self, now: float) -> list[Edge]:
        """Edges of both beams since the last call, oldest first."""
        for beam in (self._outer, self._inner):
            beam.look(now)  # both, before an edge is taken out that would be lost with the other
        outer, inner = self._outer.take(), self._inner.take()
        if not outer and not inner:
            return []
        drained = [Edge(edge.at, Beam.OUTER, edge.level == INTERRUPTED) for edge in outer]
        drained += [Edge(edge.at, Beam.INNER, edge.level == INTERRUPTED) for edge in inner]
        drained.sort(key=_time)
        return drained

    def close(self) -> None:
        """Let go of both pins."""
        self._outer.close()
        self._inner.close()


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


def _time(edge: Edge) -> float:
    return edge.at
