"""Puts reports that overtook each other back in order. Pure; for `watch` alone.

Reports of one stream are numbered without gaps, so a missing number is seen: what comes after it
waits HOLD_S for it and no longer. In order, and that is nearly always, nothing waits. A number may
also be missing for good (a power cut leaves a gap, a full outbox drops): that costs the wait once.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from warmstation_server.history import Received
from warmstation_wire import Report

HOLD_S = 8.0
"""Reports of one station may overtake each other by this much and nothing changes. Less than the
desk's LATENESS, for what is judged late must still reach the desk in time."""
_MOST = 64
"""Of one stream; what is more than this behind a missing number does not wait for it."""
_FIRST = 1

_Streams = dict[str, dict[int, Received]]
"""What waits at a station: by stream, by number."""


class Sequence:
    """What waits for a missing number, by station: when a country is heard for the first time, tens
    of thousands wait at once."""

    __slots__ = ("_due", "_held")

    def __init__(self) -> None:
        self._held: dict[str, _Streams] = {}
        self._due: list[tuple[float, str]] = []
        """When something will have waited long enough, and where; the next one first."""

    def after(self, received: Received, seqs: Mapping[str, int]) -> Iterator[Received]:
        """The reports that can be taken now, in order; `seqs`: the newest taken of each stream.

        Take each one before asking for the next.
        """
        station, stream = received.station, received.stream
        if not self._is_next(received, seqs):
            held = self._hold(received)
            if len(held) > _MOST:
                yield from self._up_to(station, stream, min(held), seqs)
            return
        yield received
        if self.is_waiting(station, stream):
            yield from self._following(station, stream, seqs)

    def is_waiting(self, station: str, stream: str) -> bool:
        """Whether something of this stream waits for a missing number."""
        return bool(self._held) and stream in self._held.get(station, ())

    def overdue(self, now_s: float) -> set[str]:
        """Stations where something has waited long enough; each is named once, release it."""
        found = set()
        while self._due and self._due[0][0] <= now_s:
            station = heapq.heappop(self._due)[1]
            if station in self._held:
                found.add(station)
        return found

    def released(self, station: str, now_s: float, seqs: Mapping[str, int]) -> Iterator[Received]:
        """What waited for numbers that did not come, in order. Take each before the next."""
        for stream, held in list(self._held.get(station, {}).items()):
            due = [seq for seq, one in held.items() if _due_s(one) <= now_s]
            if due:
                yield from self._up_to(station, stream, max(due), seqs)

    def forget(self, stations: Iterable[str]) -> None:
        """Only these are registered."""
        known = set(stations)
        self._held = {station: held for station, held in self._held.items() if station in known}

    def saved(self, station: str) -> list[Any]:
        """What waits of a station, as JSON values."""
        return [
            [one.district, one.received_at.isoformat(), one.report.to_json().decode()]
            for held in self._held.get(station, {}).values()
            for one in held.values()
        ]

    def resume(self, rows: Iterable[Any]) -> None:
        """Go on from what `saved` gave."""
        for district, received_at, text in rows:
            report = Report.model_validate_json(text)
            self._hold(Received(report, district, datetime.fromisoformat(received_at)))

    def _hold(self, received: Received) -> dict[int, Received]:
        """All that waits of its stream, with this one."""
        streams = self._held.setdefault(received.station, {})
        held = streams.setdefault(received.stream, {})
        if received.seq not in held:
            held[received.seq] = received
            heapq.heappush(self._due, (_due_s(received), received.station))
        return held

    def _is_next(self, received: Received, seqs: Mapping[str, int]) -> bool:
        newest = seqs.get(received.stream)
        return received.seq == _FIRST if newest is None else received.seq <= newest + 1

    def _following(self, station: str, stream: str, seqs: Mapping[str, int]) -> Iterator[Received]:
        """What waited for the number that has just been taken."""
        held = self._held[station][stream]
        while held and self._is_next(held[min(held)], seqs):
            yield held.pop(min(held))
        if not held:
            self._let_go(station, stream)

    def _up_to(
        self, station: str, stream: str, last: int, seqs: Mapping[str, int]
    ) -> Iterator[Received]:
        held = self._held[station][stream]
        for seq, one in sorted(held.items(), key=itemgetter(0)):
            if seq <= last:
                del held[seq]
                yield one
        if held:
            yield from self._following(station, stream, seqs)
        else:
            self._let_go(station, stream)

    def _let_go(self, station: str, stream: str) -> None:
        """Nothing of the stream waits any more."""
        del self._held[station][stream]
        if not self._held[station]:
            del self._held[station]


def _due_s(received: Received) -> float:
    return received.received_at.timestamp() + HOLD_S
