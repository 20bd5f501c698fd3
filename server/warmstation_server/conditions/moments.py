"""When a report was, and whether it moves anything: the order of one station's reports. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from warmstation_server.history import Received
from warmstation_server.history.codec import is_unsynced

BOUND_S = 120.0
"""A stream that was replaced may still send what is younger than this."""
OLD_S = 900.0
"""A report that was this old when it came is of the past, even where nothing newer is known."""
_MAX_STREAMS = 4


class Moment(NamedTuple):
    """Event time in POSIX seconds, and what the report is good for.

    `is_late`: something newer has been seen, it moves nothing. `is_old`: it comes in order, but
    it was old when it came: learned from, told as late.
    """

    at_s: float
    is_late: bool = False
    is_old: bool = False


@dataclass(slots=True)
class Order:
    """The newest of one station: seq by stream, event time, arrival."""

    seqs: dict[str, int] = field(default_factory=dict)
    at_s: float = 0.0
    received_s: float = 0.0

    def after(self, received: Received, *, clock_is_wrong: bool) -> Moment | None:
        """The report's moment; None for a repeat of the newest one."""
        stream, seq = received.stream, received.seq
        received_s = received.received_at.timestamp()
        at_s = self.event_time(received, clock_is_wrong=clock_is_wrong)
        newest = self.seqs.get(stream)
        if newest is not None and seq <= newest:
            return None if seq == newest else Moment(at_s, is_late=True)
        is_current = newest is not None and next(reversed(self.seqs)) == stream
        if at_s < self.at_s - BOUND_S:
            if not is_current and not self._is_newer(seq):
                return Moment(at_s, is_late=True)
            at_s = received_s  # the next that was measured: the station's clock was set back
        self._take(stream, seq)
        self.at_s = at_s = max(at_s, self.at_s)
        self.received_s = max(self.received_s, received_s)
        return Moment(at_s, is_old=received_s - at_s > OLD_S)

    def event_time(self, received: Received, *, clock_is_wrong: bool) -> float:
        """When it was measured, as far as the station's clock can be trusted."""
        received_s = received.received_at.timestamp()
        if clock_is_wrong or is_unsynced(received):
            return received_s
        return min(received_s, received.measured_us / 1e6)

    def _is_newer(self, seq: int) -> bool:
        """Whether it was measured after all others, whatever its clock says: an outbox numbers its
        reports through its whole life, over all of its streams."""
        return seq > max(self.seqs.values(), default=0)

    def _take(self, stream: str, seq: int) -> None:
        """The current stream is the last in the order of insertion."""
        if len(self.seqs) != 1:
            self.seqs.pop(stream, None)
        self.seqs[stream] = seq
        while len(self.seqs) > _MAX_STREAMS:
            del self.seqs[next(iter(self.seqs))]
