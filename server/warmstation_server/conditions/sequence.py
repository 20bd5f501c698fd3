"""Puts reports that overtook each other back in order. Pure; for `watch` alone.

Reports of one stream are numbered without gaps, so a missing number is seen: what comes after it
waits HOLD_S for it and no longer. In order, and that is nearly always, nothing waits. A number may
also be missing for good (a power cut leaves a gap, a full outbox drops): that costs the wait once.
"""

from __future__ import annotations

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

_Key = tuple[str, str]


class Sequence:
    """What waits for a missing number, by station and stream."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[_Key, dict[int, Received]] = {}

    def after(self, received: Received, seqs: Mapping[str, int]) -> Iterator[Received]:
        """The reports that can be taken now, in order; `seqs`: the newest taken of each stream.

        Take each one before asking for the next.
        """
        key = received.station, received.stream
        if not self._is_next(received, seqs):
            held = self._held.setdefault(key, {})
            held.setdefault(received.seq, received)
            if len(held) > _MOST:
                yield from self._up_to(key, min(held), seqs)
            return
        yield received
        if key in self._held:
            yield from self._following(key, seqs)

    def is_waiting(self, station: str, stream: str) -> bool:
        """Whether something of this stream waits for a missing number."""
        return bool(self._held) and (station, stream) in self._held

    def overdue(self, now_s: float) -> set[str]:
        """Stations where something has waited long enough."""
        return {
            key[0]
            for key, held in self._held.items()
            if any(one.received_at.timestamp() + HOLD_S <= now_s for one in held.values())
        }

    def released(self, station: str, now_s: float, seqs: Mapping[str, int]) -> Iterator[Received]:
        """What waited for numbers that did not come, in order. Take each before the next."""
        for key in [key for key in self._held if key[0] == station]:
            due = [
                seq
                for seq, one in self._held[key].items()
                if one.received_at.timestamp() + HOLD_S <= now_s
            ]
            if due:
                yield from self._up_to(key, max(due), seqs)

    def forget(self, stations: Iterable[str]) -> None:
        """Only these are registered."""
        known = set(stations)
        self._held = {key: held for key, held in self._held.items() if key[0] in known}

    def saved(self, station: str) -> list[Any]:
        """What waits of a station, as JSON values."""
        if not self._held:
            return []
        return [
            [one.district, one.received_at.isoformat(), one.report.to_json().decode()]
            for key, held in self._held.items()
            if key[0] == station
            for one in held.values()
        ]

    def resume(self, rows: Iterable[Any]) -> None:
        """Go on from what `saved` gave."""
        for district, received_at, text in rows:
            report = Report.model_validate_json(text)
            received = Received(report, district, datetime.fromisoformat(received_at))
            self._held.setdefault((report.station, report.stream), {})[report.seq] = received

    def _is_next(self, received: Received, seqs: Mapping[str, int]) -> bool:
        newest = seqs.get(received.stream)
        return received.seq == _FIRST if newest is None else received.seq <= newest + 1

    def _following(self, key: _Key, seqs: Mapping[str, int]) -> Iterator[Received]:
        """What waited for the number that has just been taken."""
        held = self._held[key]
        while held and self._is_next(held[min(held)], seqs):
            yield held.pop(min(held))
        if not held:
            del self._held[key]

    def _up_to(self, key: _Key, last: int, seqs: Mapping[str, int]) -> Iterator[Received]:
        held = self._held[key]
        for seq, one in sorted(held.items(), key=itemgetter(0)):
            if seq <= last:
                del held[seq]
                yield one
        if held:
            yield from self._following(key, seqs)
        else:
            del self._held[key]
