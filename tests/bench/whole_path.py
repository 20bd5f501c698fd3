"""Reports a second through broker, server and disk, commit before acknowledgement."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import DISTRICT, station_id
from tests.bench.site import Site
from warmstation_server.history.sqlite import SqliteHistory

STATIONS = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One load: its name in the result, its rate and how long it lasts."""

    name: str
    rate: float
    seconds: float


STEPS = (
    Step("ingest_1k", 1_000, 10),
    Step("ingest_10k", 10_000, 15),
    Step("ingest_max", 60_000, 15),
)


def measure() -> dict[str, float]:
    """All loads, one after the other, on one server."""
    found: dict[str, float] = {}
    published = 0
    with TemporaryDirectory(prefix="warmstation-bench-") as directory:
        with Site(Path(directory), STATIONS) as site:
            first_seq = 1
            for step in STEPS:
                result = through(site, step, first_seq)
                published += int(result["published"])
                first_seq += int(result["published"]) // STATIONS + 1
                found |= {f"{step.name}_{key}": value for key, value in result.items()}
            found["server_rss_mb"] = site.rss_mb("server")
            config = site.config
        size = sum(path.stat().st_size for path in config.history_path.parent.glob("history*"))
        held = _held(SqliteHistory(config.history_path, config.zone_info))
    found["history_bytes_per_report"] = round(size / published, 1)
    found["lost"] = published - len(set(held))
    found["duplicated"] = len(held) - len(set(held))
    return found


def through(site: Site, step: Step, first_seq: int, stations: int = STATIONS) -> dict[str, float]:
    """One load; what became of it."""
    server_s, broker_s = site.cpu_s("server"), site.cpu_s("broker")
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
    count = load["receipted"] or float("nan")
    return {
        "published": load["published"],
        "unreceipted": load["unreceipted"],
        "reports_per_s": round(load["receipted_per_s"], 1),
        "p50_ms": round(load["p50_ms"], 1),
        "p99_ms": round(load["p99_ms"], 1),
        "server_cpu_us_per_report": round((site.cpu_s("server") - server_s) / count * 1e6, 1),
        "broker_cpu_us_per_report": round((site.cpu_s("broker") - broker_s) / count * 1e6, 1),
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
