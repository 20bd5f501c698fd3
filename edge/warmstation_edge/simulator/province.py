"""All stations of a simulation in one thread: about four turns a second each, evenly spread."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Sequence

from warmstation_edge.simulator.ledger import Ledger
from warmstation_edge.simulator.station import SimulatedStation

_log = logging.getLogger(__name__)
TURN_S = 0.25
SETTLE_S = 2.0
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
    try:
        for number, part in enumerate(itertools.cycle(slices), 1):
            if until():
                return
            for station in part:
                station.turn(clock.now_s())
            if number == _SLICES:
                _log.info("%d simulated stations are turning", len(stations))
            next_s = max(next_s + pause_s, time.monotonic() - TURN_S)
            time.sleep(max(0.0, next_s - time.monotonic()))
    finally:
        _settle(stations, clock)
        for station in stations:
            ledger.waiting(station.world.plan.id, station.waiting)
            station.stop()


def _settle(stations: Sequence[SimulatedStation], clock: TrueTime) -> None:
    """Wait a moment for the receipts of what is under way; a cut network keeps its own."""
    until_s = time.monotonic() + SETTLE_S
    while time.monotonic() < until_s:
        waiting = [station for station in stations if station.waiting]
        if not waiting:
            return
        for station in waiting:
            station.deliver(clock.now_s())
        time.sleep(TURN_S / _SLICES)
