"""Reports a second through broker, server and disk, commit before acknowledgement.

Twice: everything in one server process (`ingest_*`), and with the intake in a process of its own
(`ingest_apart_*`). Each at 1,000 and 10,000 reports/s offered, then as many as it takes (`max`),
then at 80 % of that. `--minutes 10` goes on at 80 % for so long and says what happened to memory;
0 leaves that out.

A shared machine is seldom quiet: `*_yardstick_us` was taken right before each load, and CPU time
divided by it is what can be compared.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import yardstick
from tests.bench.load import DISTRICT, station_id, template
from tests.bench.site import Site
from warmstation_server.history.codec import flatten
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_wire.examples import REPORT

STATIONS = 1000
MODES = {"ingest": "", "ingest_apart": "[intake]\nprocesses = 1\n"}
_SHARE = 0.8
_LOOK_S = 5.0


@dataclass(frozen=True, slots=True)
class Step:
    """One load: its name in the result, its rate and how long it lasts."""

    name: str
    rate: float
    seconds: float


STEPS = (Step("1k", 1_000, 10), Step("10k", 10_000, 15), Step("max", 60_000, 15))


def measure(minutes: float = 1, seconds: float = 15) -> dict[str, float]:
    """Both ways; `seconds`: how long the loads are, but the one for memory."""
    found: dict[str, float] = {
        "points_per_report": sum(value == value for value in flatten(REPORT, DISTRICT).values),
        "bytes_per_report": len(template()),
    }
    for mode, more in MODES.items():
        with TemporaryDirectory(prefix="warmstation-bench-") as directory:
            measured = _Measured(Path(directory), more, minutes, seconds)
        found |= {f"{mode}_{key}": value for key, value in measured.figures.items()}
        found[f"{mode}_max_points_per_s"] = round(
            found[f"{mode}_max_reports_per_s"] * found["points_per_report"]
        )
    return found


class _Measured:
    """One server under all loads, one after the other."""

    def __init__(self, directory: Path, more: str, minutes: float, seconds: float) -> None:
        self.figures: dict[str, float] = {}
        self._published = 0
        self._first_seq = 1
        with Site(directory, STATIONS, more) as site:
            for step in STEPS:
                self._step(site, Step(step.name, step.rate, min(step.seconds, seconds)))
            rate = _SHARE * self.figures["max_reports_per_s"]
            self._step(site, Step("at_80_percent", rate, seconds))
            if minutes:
                with _memory(site) as samples:
                    self._step(site, Step("long", rate, 60 * minutes))
                self.figures |= _growth(samples, minutes)
            config = site.config
        size = sum(path.stat().st_size for path in config.history_path.parent.glob("history*"))
        held = _held(SqliteHistory(config.history_path, config.zone_info))
        self.figures["history_bytes_per_report"] = round(size / self._published, 1)
        self.figures["lost"] = self._published - len(set(held))
        self.figures["duplicated"] = len(held) - len(set(held))

    def _step(self, site: Site, step: Step) -> None:
        unit = yardstick.measure()["yardstick_validate_us"]
        result = through(site, step, self._first_seq)
        self._published += int(result["published"])
        self._first_seq += int(result["published"]) // STATIONS + 1
        result["yardstick_us"] = unit
        self.figures |= {f"{step.name}_{key}": value for key, value in result.items()}


def through(site: Site, step: Step, first_seq: int, stations: int = STATIONS) -> dict[str, float]:
    """One load; what became of it."""
    before = site.cpu_s("server"), site.intake_cpu_s(), site.cpu_s("broker")
    arguments = {
        "--port": site.mqtt_port,
        "--stations": stations,
        "--rate": step.rate,
        "--seconds": step.seconds,
        "--first-seq": first_seq,
    }
    command = [sys.executable, "-m", "tests.bench.load"]
    command += [str(part) for pair in arguments.items() for part in pair]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    load: dict[str, float] = json.loads(printed)
    after = site.cpu_s("server"), site.intake_cpu_s(), site.cpu_s("broker")
    count = load["receipted"] or float("nan")
    server, intake, broker = (
        round((now - then) / count * 1e6, 1) for now, then in zip(after, before, strict=True)
    )
    return {
        "published": load["published"],
        "unreceipted": load["unreceipted"],
        "reports_per_s": round(load["receipted_per_s"], 1),
        "p50_ms": round(load["p50_ms"], 1),
        "p99_ms": round(load["p99_ms"], 1),
        "server_cpu_us_per_report": server,
        "intake_process_cpu_us_per_report": intake,
        "broker_cpu_us_per_report": broker,
        "publisher_cpu_us_per_report": round(load["cpu_s"] / count * 1e6, 1),
    }


@contextmanager
def _memory(site: Site) -> Iterator[list[float]]:
    """Resident memory of the server's processes in MB, every few seconds."""
    samples: list[float] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(_LOOK_S):
            samples.append(site.rss_mb("server") + site.intake_rss_mb())

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield samples
    finally:
        stop.set()
        watching.join()


def _growth(samples: list[float], minutes: float) -> dict[str, float]:
    """Means of the second and of the last quarter: caches fill in the first."""
    quarter = max(1, len(samples) // 4)
    second, last = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    if not samples:
        return {"memory_minutes": minutes}
    return {
        "memory_minutes": minutes,
        "memory_second_quarter_mb": round(sum(second) / len(second), 1),
        "memory_last_quarter_mb": round(sum(last) / len(last), 1),
        "memory_most_mb": round(max(samples), 1),
    }


def _held(history: SqliteHistory) -> list[tuple[str, int]]:
    now = datetime.now(UTC)
    with closing(history):
        return [
            (station_id(number), received.report.seq)
            for number in range(STATIONS)
            for received in history.reports(
                station_id(number), now - timedelta(hours=2), now + timedelta(hours=1)
            )
            if received.district == DISTRICT
        ]
