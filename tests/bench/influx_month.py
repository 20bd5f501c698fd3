"""A month of a thousand stations, and a day of one, asked of a real InfluxDB 2.

WARMSTATION_TEST_INFLUX_URL, _TOKEN and _ORG name it. The sums are written as a server's flush
writes them; what is asked is what chores, the district's figures and pages ask.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.bench.load import DISTRICT, station_id
from tests.support import influx
from warmstation_server.history import Received, Step
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.influx_door import Door
from warmstation_server.history.influx_lines import usage_line
from warmstation_server.history.usage import FIELDS, NOBODY
from warmstation_wire import Report
from warmstation_wire.examples import REPORT

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 10, 20, 16, tzinfo=UTC)
"""Midnight in Shanghai."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_AT_ONCE = 1_000
_A_DAY = 1_440
"""Reports of the first station: one a minute, the last at the end of the month."""


def measure(stations: int = 1000, days: int = 30) -> dict[str, float]:
    """Write the month, then ask for it in the ways that the server does."""
    names = [station_id(number) for number in range(stations)]
    end = START + days * DAY
    with influx.fresh_buckets(influx.place()) as (place, buckets):
        where = replace(place, timeout=timedelta(minutes=10))
        history = InfluxHistory(where, buckets, ZONE)
        history.append([_report(name, end) for name in names[1:]])
        history.append([_report(names[0], end - n * MINUTE, _A_DAY - n) for n in range(_A_DAY)])
        history.close()
        door = Door(where)
        found = {"influx_month_values_per_s": _fill(door, buckets.kept, names, days)}
        door.close()
        reader = InfluxHistory(where, buckets, ZONE, is_reader=True)
        list(reader.latest())
        day = end - DAY, end + MINUTE
        asked: dict[str, Callable[[], Any]] = {
            "last_24_h_as_points": lambda: reader.series(names[0], *day, 5 * MINUTE),
            "last_24_h_as_reports": lambda: list(reader.reports(names[0], *day)),
            "one_by_hour": lambda: reader.usage(names[:1], START, end, "hour"),
            "ten_by_hour": lambda: reader.usage(names[:10], START, end, "hour"),
            "hundred_by_hour": lambda: reader.usage(names[:100], START, end, "hour"),
            "day_of_all_by_hour": lambda: reader.usage(names, START, START + DAY, "hour"),
            "all_by_day": lambda: reader.usage(names, START, end, "day"),
            "total_by_day": lambda: reader.total(names, START, end, "day"),
            "total_of_half_by_day": lambda: reader.total(names[::2], START, end, "day"),
            "total_by_hour": lambda: reader.total(names, START, end, "hour"),
            "all_by_hour": lambda: reader.usage(names, START, end, "hour"),
        }
        for name, ask in asked.items():
            print(f"bench: {name} ...", file=sys.stderr)
            began, cpu = time.perf_counter(), time.process_time()
            ask()
            found[f"influx_month_{name}_own_cpu_ms"] = round((time.process_time() - cpu) * 1000, 1)
            found[f"influx_month_{name}_ms"] = round((time.perf_counter() - began) * 1000, 1)
        reader.close()
    return found


def _fill(door: Door, bucket: str, names: list[str], days: int) -> float:
    began, values = time.perf_counter(), 0
    waiting: list[str] = []
    for line, count in _lines(names, days):
        waiting.append(line)
        values += count
        if len(waiting) == _AT_ONCE:
            door.write(bucket, waiting)
            waiting.clear()
    door.write(bucket, waiting)
    return round(values / (time.perf_counter() - began))


def _lines(names: list[str], days: int) -> Iterator[tuple[str, int]]:
    dice = random.Random(7)
    steps: list[tuple[Step, timedelta]] = [("hour", HOUR), ("day", DAY)]
    for step, width in steps:
        for number in range(int(days * DAY / width)):
            at_ms = int((START + number * width).timestamp() * 1000)
            for name in names:
                sums = [dice.randrange(1, 3_600_000_000) for _ in FIELDS]
                added = [NOBODY if field == "people_max" else 1 for field in FIELDS]
                line = usage_line(step, DISTRICT, name, at_ms, sums, added)
                if line is not None:
                    yield line, len(FIELDS)


def _report(station: str, at: datetime, seq: int = 1) -> Received:
    fields = REPORT.model_dump(mode="json", exclude_none=True)
    fields |= {"station": station, "measured_at": at.isoformat(), "seq": seq}
    return Received(Report.model_validate_json(json.dumps(fields)), DISTRICT, at)
