"""All stations of a simulation in one thread: about four turns a second each, evenly spread."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from warmstation_edge.simulator.ledger import Ledger
from warmstation_edge.simulator.station import SimulatedStation

_log = logging.getLogger(__name__)
TURN_S = 0.25
_SLICES = 5


class TrueTime:
    """POSIX time that never steps: the wall clock once, the monotonic clock from there."""

    def __init__(self) -> None:
        self._offset_s = time.time() - time.monotonic()

    def now_s(self) -> float:
        """Now."""
        return time.monotonic() + self._offset_s


def run(
    stations: Sequence[SimulatedStation], until: Callable[[], bool], clock: TrueTime, ledger: Ledger
) -> None:
    """Turn all stations until asked to stop; then stop each in order."""
    slices = [stations[number::_SLICES] for number in range(_SLICES)]
    pause_s = TURN_S / _SLICES
    next_s = time.monotonic()
    is_first = True
    try:
        while not until():
            for part in slices:
                at_s = clock.now_s()
                for station in part:
                    station.turn(at_s)
                next_s = max(next_s + pause_s, time.monotonic() - TURN_S)
                time.sleep(max(0.0, next_s - time.monotonic()))
            if is_first:
                _log.info("%d simulated stations are turning", len(stations))
                is_first = False
    finally:
        for station in stations:
            ledger.waiting(station.world.plan.id, station.waiting)
            station.stop()
