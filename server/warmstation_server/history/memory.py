"""History in memory, for tests and for a server that need not remember: small, slow, plain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from warmstation_server.history import Meanwhile, Point, Received, Step, Usage, idle
from warmstation_server.history.calendar import Calendar
from warmstation_server.history.codec import HEADER, Shape, flatten, microseconds, shape
from warmstation_server.history.facts import facts
from warmstation_server.history.points import LOOKBACK, points, samples
from warmstation_server.history.retention import keeps
from warmstation_server.history.runs import Stream, add_open_ends, open_ends
from warmstation_server.history.usage import Buckets, bucket, listed, merge

TARGET_C = 20.0


def default_target(_station: str) -> float:
    """The promised temperature where nobody says otherwise, °C."""
    return TARGET_C


def no_seats(_station: str) -> int | None:
    """Nobody says how many seats there are: it is never known to be full."""
    return None


def always(_station: str, _at: datetime) -> bool:
    """Open at any time: every measured second counts."""
    return True


class MemoryHistory:
    """Keeps every report in a dict and works everything out anew when asked."""

    def __init__(
        self,
        zone: ZoneInfo = ZoneInfo("Asia/Shanghai"),  # noqa: B008 - immutable
        targets: Callable[[str], float] = default_target,
        is_open: Callable[[str, datetime], bool] = always,
        seats: Callable[[str], int | None] = no_seats,
    ) -> None:
        self._seats = seats
        self._calendar, self._targets, self._is_open = Calendar(zone), targets, is_open
        self._kept: dict[tuple[str, str, int], Received] = {}
        self._streams: dict[tuple[str, str], int] = {}
        self._forgotten_before = datetime.min.replace(tzinfo=UTC)

    def append(self, batch: Sequence[Received], meanwhile: Meanwhile = idle) -> Sequence[Received]:
        """Keep what is new."""
        fresh = []
        for received in batch:
            report = received.report
            key = (report.station, report.stream, report.seq)
            if key not in self._kept:
                self._kept[key] = received
                self._streams.setdefault(key[:2], len(self._streams))
                fresh.append(received)
        return fresh

    def latest(self) -> Iterator[Received]:
        """The highest seq of the stream first heard last, of every station."""
        best: dict[str, tuple[tuple[int, int], Received]] = {}
        for (station, stream, seq), received in self._kept.items():
            rank = (self._streams[station, stream], seq)
            if station not in best or rank > best[station][0]:
                best[station] = rank, received
        return iter([received for _, received in best.values()])

    def series(
        self, station: str, start: datetime, end: datetime, window: timedelta | None = None
    ) -> list[Point]:
        """See History."""
        found = [
            sample
            for received in self.reports(station, start - LOOKBACK, end)
            for sample in samples(*self._columns(received))
        ]
        return points(found, start, end, window)

    def usage(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> dict[str, list[Usage]]:
        """See History."""
        found = {}
        for station in stations:
            buckets = self._within(self._buckets(station), start, end, step)
            found[station] = listed(buckets)
        return {station: rows for station, rows in found.items() if rows}

    def total(
        self, stations: Collection[str], start: datetime, end: datetime, step: Step
    ) -> list[Usage]:
        """See History."""
        together: Buckets = {}
        for station in set(stations):
            for at, sums in self._within(self._buckets(station), start, end, step).items():
                merge(bucket(together, at), sums)
        return listed(together)

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        """See History."""
        found = [
            r for r in self._of(station) if start <= r.report.measured_at < end and self._keeps(r)
        ]
        return iter(sorted(found, key=self._order))

    def expire(self, before: datetime) -> int:
        """See History."""
        had = sum(map(self._keeps, self._kept.values()))
        self._forgotten_before = max(before, self._forgotten_before)
        return had - sum(map(self._keeps, self._kept.values()))

    def close(self) -> None:
        """Nothing to let go of."""

    def _keeps(self, received: Received) -> bool:
        line_us = microseconds(self._forgotten_before)
        return keeps(microseconds(received.report.measured_at), line_us)

    def _order(self, received: Received) -> tuple[datetime, int, int]:
        report = received.report
        return report.measured_at, report.seq, self._streams[report.station, report.stream]

    def _of(self, station: str) -> Iterator[Received]:
        return (received for key, received in self._kept.items() if key[0] == station)

    def _columns(self, received: Received) -> tuple[Shape, list[tuple[float, ...]]]:
        report = received.report
        flat = flatten(report, received.district)
        stream = self._streams[report.station, report.stream]
        header = (0, 0, stream, report.seq, microseconds(report.measured_at), 0)
        assert len(header) == len(HEADER)  # noqa: S101
        return shape(flat.texts), [(value,) for value in (*header, *flat.values)]

    def _buckets(self, station: str) -> Buckets:
        """Usage by quarter: every stream folded from its first report to its last."""
        buckets: Buckets = {}
        streams: dict[str, Stream] = defaultdict(lambda: Stream(0))
        target, seats = self._targets(station), self._seats(station)
        for received in sorted(self._of(station), key=lambda r: r.report.seq):
            report = received.report
            flat = flatten(report, received.district)
            form, at_ms = shape(flat.texts), microseconds(report.measured_at) // 1000
            is_open = self._is_open(station, report.measured_at)
            streams[report.stream].insert(
                report.seq,
                *facts(form, flat.values, at_ms, target, is_open, seats),
                0,
                buckets,
            )
        add_open_ends(buckets, open_ends(streams.values()))
        return buckets

    def _within(self, buckets: Buckets, start: datetime, end: datetime, step: Step) -> Buckets:
        start_ms, end_ms = microseconds(start) // 1000, microseconds(end) // 1000
        found: Buckets = {}
        for quarter, sums in buckets.items():
            at = self._calendar.start(quarter, step)
            if start_ms <= at < end_ms:
                merge(bucket(found, at), sums)
        return found
