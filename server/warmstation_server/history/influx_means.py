"""Hourly means of what came too late for InfluxDB's own task: the server asks for them itself.

The task (`influx_prepare.py`) looks back TASK_SEES. A report that comes later than that, from a
station that was away for a week, touches an hour whose mean is there already, or will never be.
Which hours wait is kept beside the sums, in the same flush, so a crash forgets none; ten minutes
later they are averaged again, by the writer's hands, while its thread goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from itertools import groupby

from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.influx_door import Door
from warmstation_server.history.influx_lines import LATE, REPORT, text_line
from warmstation_server.history.influx_rows import Buckets
from warmstation_server.history.retention import UNSET_US

log = logging.getLogger(__name__)

HOURLY = "report_hour"
"""The measurement of hourly means, which outlives the single reports."""
MEANS = ("room_c", "outlet_c", "outdoor_c", "humidity_pct", "heater_w", "inside")
TASK_SEES = timedelta(hours=6)
_HOUR_US = 3_600_000_000
_LATE_US = TASK_SEES // timedelta(microseconds=1) - _HOUR_US
"""From an hour's beginning until what comes is too late for the task; an hour to spare."""
_AFTER_US = 600_000_000
"""A backlog comes in for minutes: its hours are averaged so long after its first report."""
FIELDS = " or ".join(f'r._field == "{name}"' for name in MEANS)
"""As Flux has them; a set would be looked through value by value."""
_FLUX = f"""from(bucket: raw)
  |> range(start: time(v: start), stop: time(v: stop))
  |> filter(fn: (r) => r._measurement == "{REPORT}" and r.station == station)
  |> filter(fn: (r) => {FIELDS})
  |> aggregateWindow(every: 1h, fn: mean, createEmpty: false, timeSrc: "_start")
  |> set(key: "_measurement", value: "{HOURLY}")
  |> to(bucket: kept)
  |> count()"""


class Means:
    """Which hours of which stations wait, by their numbers. Owned by the writer's thread."""

    def __init__(self, door: Door, buckets: Buckets) -> None:
        self._door, self._buckets = door, buckets
        self._late: dict[str, set[int]] = {}
        self._untold: set[str] = set()
        """Stations whose waiting hours are not stored as they are here."""
        self._touched: set[str] = set()
        """Stations that were touched since the job began, if there is one."""
        self._since_us: int | None = None
        self._asked: list[tuple[str, list[int]]] = []
        self._job: Future[None] | None = None

    def touch(self, station: str, measured_us: int, received_us: int) -> None:
        """A report was stored."""
        hour = hour_of(measured_us)
        if received_us - hour * _HOUR_US < _LATE_US or measured_us < UNSET_US:
            return
        self._touched.add(station)
        hours = self._late.setdefault(station, set())
        if hour not in hours:
            hours.add(hour)
            self._untold.add(station)

    def recall(self, station: str, text: str) -> None:
        """Take in what was stored; see `lines`."""
        for span in text.split():
            first, last = map(int, span.split("-"))
            self._late.setdefault(station, set()).update(range(first, last + 1))

    def lines(self) -> Iterator[str]:
        """What has to be stored now, as points; `told` says that it is."""
        for station in self._untold:
            hours = " ".join(f"{a}-{b}" for a, b in _spans(self._late.get(station, ())))
            yield text_line(LATE, {"station": station}, hours, 0)

    def told(self) -> None:
        """What `lines` gave will be stored, whatever happens."""
        self._untold.clear()

    def turn(self, now_us: int, line_us: int) -> None:
        """Average what has waited long enough; nothing before `line_us`, where reports end."""
        if self._job is not None:
            if not self._job.done():
                return
            self._settle(self._job)
        if not self._late:
            self._since_us = None
        elif self._since_us is None:
            self._since_us = now_us
        elif abs(now_us - self._since_us) >= _AFTER_US:
            self._since_us = None
            self._touched.clear()
            # Of an hour that is forgotten in part there is no mean.
            first = -(-line_us // _HOUR_US)
            asked = [
                (name, [hour for hour in all_ if hour >= first])
                for name, all_ in self._late.items()
            ]
            self._asked = asked
            self._job = self._door.aside(lambda: self.average(asked))

    def average(self, asked: Iterable[tuple[str, Iterable[int]]]) -> None:
        """The means of these hours of stations, from the reports that are stored; HistoryAway."""
        for station, hours in asked:
            for first, last in _spans(hours):
                params = {
                    "raw": self._buckets.raw,
                    "kept": self._buckets.kept,
                    "start": first * _HOUR_US * 1000,
                    "stop": (last + 1) * _HOUR_US * 1000,
                    "station": station,
                }
                for _ in self._door.rows(_FLUX, params):
                    pass

    def _settle(self, job: Future[None]) -> None:
        """Who was touched again meanwhile waits on; all do where the database is away."""
        self._job = None
        try:
            job.result()
        except HistoryAway as error:
            log.warning("hourly means of late reports are made later: %s", error)
            return
        for station, _ in self._asked:
            if station not in self._touched:
                del self._late[station]
                self._untold.add(station)


def hour_of(at_us: int) -> int:
    """The number of an hour since 1970."""
    return at_us // _HOUR_US


def _spans(hours: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Hours as runs of neighbours, first and last."""
    for _, run in groupby(enumerate(sorted(hours)), key=lambda pair: pair[1] - pair[0]):
        found = [hour for _, hour in run]
        yield found[0], found[-1]
