"""Reports that were sent and lack their receipt. Pure: only `uplink` calls it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from warmstation_edge.uplink.pace import Pace


@dataclass(frozen=True, slots=True)
class Flight:
    """One sent report, times in monotonic seconds; `attempt` counts from 1."""

    sent_at: float
    late_at: float
    attempt: int


class Flights:
    """All reports in flight, by seq."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._flights: dict[int, Flight] = {}
        self._heard_at = float("-inf")

    def __contains__(self, seq: int) -> bool:
        return seq in self._flights

    def __len__(self) -> int:
        return len(self._flights)

    def has_room(self) -> bool:
        """Whether the window takes one more; reports sent twice already do not hold it shut."""
        first_tries = sum(flight.attempt == 1 for flight in self._flights.values())
        return first_tries < self._pace.window

    def sent(self, seq: int, now: float, jitter: float = 1.0) -> None:
        """A report has gone out, for the first time or again; its patience doubles each time."""
        before = self._flights.get(seq)
        attempt = before.attempt + 1 if before else 1
        patience_s = min(self._pace.receipt_max_s, self._pace.receipt_s * 2.0 ** min(attempt, 31))
        self._flights[seq] = Flight(now, now + patience_s / 2 * jitter, attempt)

    def receipted(self, seqs: Iterable[int], now: float) -> None:
        """The server has spoken, and these have arrived."""
        self._heard_at = now
        for seq in seqs:
            self._flights.pop(seq, None)

    def late(self, now: float) -> Iterator[int]:
        """Reports whose receipt should have come by now."""
        return (seq for seq, flight in list(self._flights.items()) if flight.late_at <= now)

    def is_server_silent(self, now: float) -> bool:
        """Whether a receipt is late and no receipt at all has come since that report went out."""
        return any(self._flights[seq].sent_at >= self._heard_at for seq in self.late(now))

    def drop(self, seq: int) -> None:
        """It is not in flight any more."""
        self._flights.pop(seq, None)

    def clear(self) -> None:
        """Nothing is known to be in flight any more."""
        self._flights.clear()
