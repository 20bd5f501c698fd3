"""Single reports out of InfluxDB: as rows of the book's kind, and as they were received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from warmstation_server.history import Received
from warmstation_server.history.book import Book
from warmstation_server.history.codec import microseconds
from warmstation_server.history.influx_door import Door, Row, time_ns
from warmstation_server.history.influx_lines import REPORT, stored
from warmstation_server.history.influx_shapes import Shapes
from warmstation_server.history.retention import UNSET_US
from warmstation_server.history.unflat import unflatten

LAST_US = microseconds(datetime.fromisoformat("2201-01-01T00:00:00+00:00"))
"""Behind every time that a report may have."""
_SPAN = """from(bucket: bucket)
  |> range(start: time(v: start), stop: time(v: stop))
  |> filter(fn: (r) => r._measurement == measurement)
"""
_STATION = "  |> filter(fn: (r) => r.station == station)\n"
_ROWS = """  |> filter(fn: (r) => r._field == "row")
  |> group()
  |> keep(columns: ["_value", "station"])"""
_FIRST = """  |> filter(fn: (r) => r._field == "seq")
  |> first()"""
_COUNT = """  |> filter(fn: (r) => r._field == "seq")
  |> count()
  |> group()
  |> sum()"""


class Buckets(NamedTuple):
    """`raw`: single reports, forgotten in time. `kept`: the rest, and reports of unset clocks."""

    raw: str
    kept: str


class Found(NamedTuple):
    """A stored report: `values` is a row (HEADER first) but for the numbers of its names."""

    station: str
    stream: str
    values: list[Any]


class Rows:
    """Asks for reports of both buckets."""

    def __init__(self, door: Door, buckets: Buckets, book: Book, shapes: Shapes) -> None:
        self._door, self._buckets, self._book, self._shapes = door, buckets, book, shapes

    def of_station(self, station: str, start_us: int, end_us: int) -> list[Found]:
        """A station's reports within a span."""
        found: list[Found] = []
        for bucket, start, end in self._parts(start_us, end_us):
            params = self._params(bucket, start, end) | {"station": station}
            found += self._found(self._door.rows(_SPAN + _STATION + _ROWS, params))
        return found

    def next_measured(self, station: str, at_us: int, end_us: int) -> int:
        """When the station's first report from here on was measured; the end if there is none."""
        for bucket, start, end in self._parts(at_us, end_us):
            params = self._params(bucket, start, end) | {"station": station}
            rows = self._door.rows(_SPAN + _STATION + _FIRST, params)
            first = min((time_ns(row["_time"]) // 1000 for row in rows), default=None)
            if first is not None:
                return first
        return end_us

    def since(self, start_us: int) -> Iterator[Found]:
        """Every report measured since then by a clock that was set."""
        params = self._params(self._buckets.raw, max(start_us, UNSET_US), LAST_US)
        return self._found(self._door.rows(_SPAN + _ROWS, params))

    def count(self, start_us: int, end_us: int) -> int:
        """How many reports there are, measured by a clock that was set."""
        params = self._params(self._buckets.raw, max(start_us, UNSET_US), end_us)
        return sum(int(row["_value"]) for row in self._door.rows(_SPAN + _COUNT, params))

    def forget(self, before_us: int) -> None:
        """Let go of reports measured before a moment by a clock that was set."""
        self._door.delete(self._buckets.raw, REPORT, UNSET_US, before_us)

    def received(self, one: Found) -> Received:
        """A report as it was received."""
        form = self._book.shapes[one.values[0]]
        return unflatten(form, one.station, one.stream, tuple(one.values))

    def _parts(self, start_us: int, end_us: int) -> Iterator[tuple[str, int, int]]:
        start, end = max(start_us, 0), min(end_us, LAST_US)
        if start < min(end, UNSET_US):
            yield self._buckets.kept, start, min(end, UNSET_US)
        if max(start, UNSET_US) < end:
            yield self._buckets.raw, max(start, UNSET_US), end

    def _params(self, bucket: str, start_us: int, end_us: int) -> dict[str, object]:
        return {
            "bucket": bucket,
            "start": start_us * 1000,
            "stop": end_us * 1000,
            "measurement": REPORT,
        }

    def _found(self, rows: Iterable[Row]) -> Iterator[Found]:
        for row in rows:
            one = stored(row["_value"])
            yield Found(row["station"], one.stream, self._shapes.values(one))


def bucket_of(buckets: Buckets, measured_us: int) -> str:
    """Where a report lies: those of a clock that was never set are never too old."""
    return buckets.kept if measured_us < UNSET_US else buckets.raw
