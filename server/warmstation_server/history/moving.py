"""A whole history from one storage to another, station by station, and proof that it arrived.

What is copied is what is stored: single reports, sums (older than any report), runs and the latest
report. A station that is there already and the same is left alone, so a copy that was broken off
goes on where it was, and a second one brings what came since the first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Protocol, get_args

from warmstation_server.history import History, Received, Step
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.runs import Run
from warmstation_server.history.usage import Sums

EVER = datetime(1970, 1, 1, tzinfo=UTC) - timedelta(days=1), datetime(2201, 1, 1, tzinfo=UTC)
STEPS: tuple[Step, ...] = get_args(Step)
PAUSES_S = (1.0, 5.0, 15.0, 30.0, 60.0)
"""Between tries of a station, where the storage is away: a copy of millions is not begun anew."""


@dataclass(frozen=True, slots=True)
class Past:
    """All that is stored of a station but its single reports. `streams`: the first heard first."""

    station: str
    streams: Sequence[tuple[str, Sequence[Run]]]
    latest: Received
    usage: Mapping[Step, Mapping[int, Sums]]


class Movable(History, Protocol):
    """A history that can be taken out of its storage and put into it."""

    def pasts(self) -> Iterator[Past]:
        """Every station; nothing may be written to the history meanwhile."""
        ...

    def adopt(self, past: Past, reports: Iterable[Received]) -> None:
        """Put this in the place of what is stored of the station."""
        ...

    @property
    def forgotten_before(self) -> int:
        """Up to where single reports are forgotten, us since 1970."""
        ...

    def settle_move(self, forgotten_before_us: int) -> None:
        """Make durable what `adopt` put in, and forget up to where the source does."""
        ...


@dataclass(frozen=True, slots=True)
class Digest:
    """What a history answers about a station, as numbers to compare."""

    reports: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a station. `is_same`: it was there already."""

    station: str
    digest: Digest
    is_same: bool


class _Tally:
    """A digest in the making: reports as they pass, then all that is added up."""

    def __init__(self) -> None:
        self._said, self._reports = blake2b(digest_size=16), 0

    def passing(self, reports: Iterable[Received]) -> Iterator[Received]:
        """The same reports."""
        for received in reports:
            self._reports += 1
            self._said.update(_bytes(received))
            yield received

    def whole(self, history: History, station: str, latest: Received | None) -> Digest:
        """After all reports."""
        for step in STEPS:
            for usage in history.usage([station], *EVER, step).get(station, []):
                self._said.update(repr(usage).encode())
        self._said.update(_bytes(latest) if latest else b"")
        return Digest(self._reports, self._said.hexdigest())


def digest(history: History, station: str, latest: Received | None) -> Digest:
    """All reports in order, all usage and the latest report of a station."""
    tally = _Tally()
    for _ in tally.passing(history.reports(station, *EVER)):
        pass
    return tally.whole(history, station, latest)


def copy(
    source: Movable, target: Movable, wait: Callable[[float], object] = time.sleep
) -> Iterator[Moved]:
    """Bring every station over that is not the same there already; `wait`: seconds, where a
    storage is away for a moment."""
    there = {one.report.station: one for one in target.latest()}
    for past in source.pasts():
        name = past.station
        if name in there:
            wanted = digest(source, name, past.latest)
            if digest(target, name, there[name]) == wanted:
                yield Moved(name, wanted, is_same=True)
                continue
        yield Moved(name, _adopted(source, target, past, wait), is_same=False)
    target.settle_move(source.forgotten_before)


def _adopted(
    source: Movable, target: Movable, past: Past, wait: Callable[[float], object]
) -> Digest:
    """Read once: what is written is what is counted."""

    def adopted() -> Digest:
        tally = _Tally()
        target.adopt(past, tally.passing(source.reports(past.station, *EVER)))
        return tally.whole(source, past.station, past.latest)

    for pause_s in PAUSES_S:
        with suppress(HistoryAway):
            return adopted()
        wait(pause_s)
    return adopted()


def differing(moved: Iterable[Moved], target: History) -> Iterator[tuple[Moved, Digest]]:
    """Stations that a target, opened anew, does not answer for as the source did."""
    there = {one.report.station: one for one in target.latest()}
    for one in moved:
        found = digest(target, one.station, there.get(one.station))
        if found != one.digest:
            yield one, found


def _bytes(received: Received) -> bytes:
    report = received.report
    exact = f"{report.measured_at.isoformat()} {received.received_at.isoformat()}"
    return b"\n".join((report.to_json(), received.district.encode(), exact.encode(), b""))
