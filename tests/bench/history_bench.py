"""What the embedded history costs: one JSON object on stdout.

Run by hand: `nice python tests/bench/history_bench.py [--stations 1000] [--reports 120]`. A
shared machine is seldom quiet, so times of work are CPU times of this process, and
`yardstick_validate_us` (reading the same report from JSON) says how fast the machine was meanwhile.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from warmstation_server.history import Received
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_wire import Report

START = datetime(2026, 11, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


class World:
    """Stations whose full reports (6 chargers, 4 supplies) change like real ones."""

    def __init__(self, stations: int) -> None:
        self._random = random.Random(7)  # the same world each time
        self._entered = [0] * stations
        self._energy_wh = [[0.0] * 6 for _ in range(stations)]
        self.names = [f"station-{i:04}" for i in range(stations)]

    def report(self, i: int, seq: int, at: datetime) -> Received:
        """The next full report of a station."""
        chance = self._random.random
        self._entered[i] += chance() < 0.1
        for point in (i % 6, (i + seq // 90) % 6):
            self._energy_wh[i][point] = round(self._energy_wh[i][point] + 0.2 * chance(), 1)
        measured_at = at + timedelta(milliseconds=int(60_000 * chance()))
        fields = self._fields(i, seq) | {"station": self.names[i], "seq": seq}
        made = Report.model_validate({**fields, "measured_at": measured_at})
        return Received(made, "kunshan", measured_at + timedelta(microseconds=int(3e5 * chance())))

    def _fields(self, i: int, seq: int) -> dict[str, Any]:
        chance = self._random.random
        in_use = {i % 6, (i + seq // 90) % 6}
        return {
            "v": 1,
            "stream": f"{i:04x}",
            "clock": "synced",
            "uptime_s": round(seq * 60 + chance(), 1),
            "climate": {
                "room_c": round(19.5 + chance(), 2),
                "outlet_c": round(44.0 + chance(), 2),
                "outdoor_c": round(-1.0 + 0.2 * chance(), 2),
                "humidity_pct": round(40.0 + 2 * chance()),
                "setpoint_c": 20.0,
                "heating": "on" if seq % 30 < 20 else "off",
                "heater_w": round(1480.0 + 5 * chance(), 1) if seq % 30 < 20 else 0.0,
            },
            "door": {"open": chance() < 0.05},
            "people": {
                "inside": int(6 * chance()),
                "entered": self._entered[i],
                "left": max(0, self._entered[i] - 3),
                "confidence": 0.9,
                "present": True,
            },
            "chargers": tuple(
                {
                    "id": f"p{n}",
                    "kind": "phone",
                    "state": "charging" if n in in_use else "available",
                    "power_w": round(11 + chance(), 1) if n in in_use else 0.0,
                    "energy_wh": self._energy_wh[i][n],
                }
                for n in range(6)
            ),
            "supplies": tuple(
                {"item": item, "level": round(1 - seq % 2000 / 2000, 2)}
                for item in ("water", "tea", "noodles", "cups")
            ),
            "safety": {"smoke": False, "contactor": "closed"},
            "faults": (),
            "agent": {
                "version": "1.0.0",
                "cpu_c": round(51 + chance(), 1),
                "undervoltage": False,
                "queued": 0,
                "dropped": 0,
                "disk_free_mb": 812 - seq // 100,
            },
        }


def live(world: World, reports: int) -> Iterator[list[Received]]:
    """A batch of every station a minute."""
    for seq in range(1, reports + 1):
        at = START + MINUTE * (seq - 1)
        yield [world.report(i, seq, at) for i in range(len(world.names))]


def appended(history: SqliteHistory, batches: Iterator[list[Received]]) -> dict[str, float]:
    """CPU and wall time of the appends alone."""
    cpu_s = wall_s = slowest_s = 0.0
    rows = 0
    for batch in batches:
        cpu, wall = time.process_time(), time.perf_counter()
        rows += len(history.append(batch))
        took_s = time.perf_counter() - wall
        cpu_s, wall_s = cpu_s + time.process_time() - cpu, wall_s + took_s
        slowest_s = max(slowest_s, took_s)
    return {
        "append_reports": rows,
        "append_cpu_us_per_report": round(cpu_s / rows * 1e6, 2),
        "append_wall_us_per_report": round(wall_s / rows * 1e6, 2),
        "append_slowest_batch_ms": round(slowest_s * 1e3, 1),
    }


def asked(history: SqliteHistory, names: list[str], end: datetime) -> dict[str, float]:
    """How long the questions take, best of three, in ms of CPU."""
    day, month = timedelta(days=1), timedelta(days=31)
    questions = {
        "series_24h_ms": lambda: history.series(names[0], end - day, end),
        "series_24h_15min_ms": lambda: history.series(
            names[0], end - day, end, timedelta(minutes=15)
        ),
        "reports_24h_ms": lambda: list(history.reports(names[0], end - day, end)),
        "latest_all_ms": lambda: list(history.latest()),
        "usage_month_one_by_hour_ms": lambda: history.usage(names[:1], end - month, end, "hour"),
        "usage_month_all_by_day_ms": lambda: history.usage(names, end - month, end, "day"),
        "total_month_all_by_day_ms": lambda: history.total(names, end - month, end, "day"),
        "total_month_all_by_hour_ms": lambda: history.total(names, end - month, end, "hour"),
        "total_month_half_by_hour_ms": lambda: history.total(names[::2], end - month, end, "hour"),
    }
    return {name: round(min(_cpu_ms(ask) for _ in range(3)), 1) for name, ask in questions.items()}


def _cpu_ms(ask: Any) -> float:
    began = time.process_time()
    ask()
    return (time.process_time() - began) * 1e3


def _yardstick_us(world: World) -> float:
    text = World(1).report(0, 1, START).report.to_json()
    began = time.process_time()
    for _ in range(5000):
        Report.model_validate_json(text)
    return round((time.process_time() - began) / 5000 * 1e6, 1)


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--stations", type=int, default=1000)
    words.add_argument("--reports", type=int, default=120, help="reports a station")
    words.add_argument("--dir", type=Path, default=None, help="where the file is made")
    asks = words.parse_args()
    world = World(asks.stations)
    with tempfile.TemporaryDirectory(dir=asks.dir) as folder:
        path = Path(folder) / "history.db"
        figures: dict[str, float] = {"yardstick_validate_us": _yardstick_us(world)}
        history = SqliteHistory(path, ZONE)
        figures |= appended(history, live(world, asks.reports))
        figures |= asked(history, world.names, START + MINUTE * asks.reports)
        history.close()
        figures["file_bytes_per_report"] = round(path.stat().st_size / figures["append_reports"], 1)
        began = time.perf_counter()
        SqliteHistory(path, ZONE).close()
        figures["reopen_s"] = round(time.perf_counter() - began, 3)
    json.dump(figures, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
