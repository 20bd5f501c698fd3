"""What the history in InfluxDB costs: formatting always, the rest where the environment names one.

The server's own CPU time is not in `*_cpu_us`; `*_per_s` is by the clock, with it beside us.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.bench.history_bench import START, ZONE, World
from tests.support import influx
from warmstation_server.history import Received
from warmstation_server.history.book import Book
from warmstation_server.history.influx import InfluxHistory
from warmstation_server.history.influx_shapes import Shapes

STATIONS, REPORTS, BATCH = 1_000, 24, 2_000
MINUTE = timedelta(minutes=1)


def measure() -> dict[str, float]:
    """Formatting; then append, opening and asking of a real server."""
    world = World(STATIONS)
    sent = [
        world.report(i, seq, START + seq * MINUTE)
        for seq in range(1, REPORTS + 1)
        for i in range(STATIONS)
    ]
    found = _formatting(sent[:10_000])
    try:
        where = influx.place()
    except pytest.skip.Exception:
        return found
    with influx.fresh_buckets(where) as buckets:
        history = InfluxHistory(*buckets, ZONE)
        found |= _appending(history, sent)
        history.close()
        reader = InfluxHistory(*buckets, ZONE, is_reader=True)
        found |= _asking(reader, world.names, START + REPORTS * MINUTE)
        reader.close()
    return found


def _formatting(sent: list[Received]) -> dict[str, float]:
    book = Book(lambda _: 20.0, None)
    shapes = Shapes(book)
    items = [(one, item) for one, item in book.fresh(sent)]
    for number in range(len(book.shapes)):
        shapes.name(number)
    began = time.process_time()
    lines = [shapes.line(item.row, one.report.station, one.report.stream) for one, item in items]
    took = time.process_time() - began
    return {
        "influx_line_us": round(took / len(lines) * 1e6, 1),
        "influx_line_bytes": round(sum(map(len, lines)) / len(lines)),
    }


def _appending(history: InfluxHistory, sent: list[Received]) -> dict[str, float]:
    history.append(sent[:BATCH])
    rest = sent[BATCH:]
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(rest), BATCH):
        history.append(rest[start : start + BATCH])
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {
        "influx_append_cpu_us": round(cpu / len(rest) * 1e6, 1),
        "influx_append_per_s": round(len(rest) / took),
    }


def _asking(reader: InfluxHistory, names: list[str], end: datetime) -> dict[str, float]:
    asked: dict[str, Callable[[], Any]] = {
        "influx_open_ms": reader.latest,
        "influx_series_24_reports_ms": lambda: reader.series(names[3], START, end, 5 * MINUTE),
        "influx_reports_24_ms": lambda: list(reader.reports(names[3], START, end)),
        "influx_usage_all_by_hour_ms": lambda: reader.usage(names, START, end, "hour"),
        "influx_usage_one_by_quarter_ms": lambda: reader.usage(names[:1], START, end, "quarter"),
        "influx_usage_half_by_day_ms": lambda: reader.total(names[::2], START, end, "day"),
    }
    found = {}
    for name, ask in asked.items():
        began = time.perf_counter()
        ask()
        found[name] = round((time.perf_counter() - began) * 1000, 1)
    return found
