"""The newest state of every station: a fold over reports that no order or repeat can turn back.

For the pipeline, which owns the one Board; `after_report` is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from warmstation_server.history import Received, Usage
from warmstation_server.history.codec import is_synced
from warmstation_server.status import evidence as signs
from warmstation_server.status.evidence import MAX_STREAMS, Evidence

QUARTER = timedelta(minutes=15)
SLICE = 100
_MANY = 3


class StationState(NamedTuple):
    """What is known of one station from its reports. `newest`: one report a stream."""

    newest: tuple[Received, ...] = ()
    evidence: Evidence = Evidence()

    @property
    def heard(self) -> Received | None:
        """The report that counts: the highest seq of the stream heard from last."""
        return self.newest[-1] if self.newest else None

    @property
    def aged_at(self) -> datetime | None:
        """From when that report's values are: when it came, or earlier by its synced clock."""
        return _aged_at(self.newest[-1]) if self.newest else None


def after_report(state: StationState, received: Received) -> StationState:
    """The state with one more report: in any order, any number of times."""
    return StationState(
        _newest(state.newest, received), signs.after_report(state.evidence, received)
    )


class Board:
    """The states by station id; the pipeline's own, one thread only."""

    def __init__(self) -> None:
        self._states: dict[str, StationState] = {}

    def fold(
        self, batch: Iterable[Received], breath: Callable[[], None] = lambda: None
    ) -> set[str]:
        """Take reports in, the more at once the better; the stations that they came from.

        `breath` is called every SLICE stations, for whoever has something more urgent to do.
        """
        by_station: dict[str, list[Received]] = {}
        for received in batch:
            by_station.setdefault(received.station, []).append(received)
        for number, (station, reports) in enumerate(by_station.items()):
            if not number % SLICE:
                breath()
            state = self.state(station)
            for received in reports if len(reports) < _MANY else signs.telling(reports):
                state = after_report(state, received)
            self._states[station] = state
        return set(by_station)

    def state(self, station: str) -> StationState:
        """A station's state; empty where it was never heard from."""
        return self._states.get(station, _NOTHING)


def rebuilt(latest: Iterator[Received], usage: Mapping[str, list[Usage]]) -> Board:
    """The board from the history: newest reports and the last day's usage by quarter hours."""
    board = Board()
    for station, buckets in usage.items():
        board._states[station] = StationState(evidence=signs.from_usage(buckets, QUARTER))
    board.fold(latest)
    return board


def _newest(known: tuple[Received, ...], received: Received) -> tuple[Received, ...]:
    """One report a stream, by `received_at` rising; of repeats the one that came first."""
    if len(known) == 1 and known[0].stream == received.stream:
        return (received,) if _supersedes(received, known[0]) else known
    streams = {one.stream: one for one in known}
    held = streams.get(received.stream)
    if held is not None and not _supersedes(received, held):
        return known
    streams[received.stream] = received
    by_time = sorted(streams.values(), key=lambda one: (one.received_at, one.stream))
    return tuple(by_time[-MAX_STREAMS:])


def _supersedes(received: Received, held: Received) -> bool:
    seq, held_seq = received.seq, held.seq
    return seq > held_seq or (seq == held_seq and received.received_at < held.received_at)


def _aged_at(received: Received) -> datetime:
    if is_synced(received):
        return min(received.measured_at, received.received_at)
    return received.received_at


_NOTHING = StationState()
