"""Reports a second through broker, server and disk, commit before acknowledgement: SQLite.

With everything in one server process (`ingest_*`), then with one process beside it that reads
(`ingest_apart_*`); `--processes N` measures only that way. Each at 1,000 and 10,000 reports/s
offered, then as many as it takes (`max`), then at 80 % of that: `*_limit` says what kept it from
more. `--minutes 10` goes on at 80 %, or at `--rate R`, for so long, and `memory_series_mb` says
what happened to memory; 0 leaves that out.

A shared machine is seldom quiet: `*_yardstick_us` was taken right before each load, and CPU time
divided by it is what can be compared.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import DISTRICT, station_id, template
from tests.bench.loads import STATIONS, Loads
from tests.bench.site import Site
from warmstation_server.config import Config
from warmstation_server.history.codec import flatten
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_wire.examples import REPORT

MODES = {0: "ingest", 1: "ingest_apart", 2: "ingest_two_apart"}
USUAL = (0, 1)


def measure(
    minutes: float = 1, seconds: float = 15, processes: int = -1, rate: float = 0
) -> dict[str, object]:
    """`seconds`: how long the loads are, but the one for memory; `processes`: -1 = 0, then 1.

    `rate`: of the load for memory, in reports/s; 0 = 80 % of the most.
    """
    points = known_values()
    found: dict[str, object] = {"points_per_report": points, "bytes_per_report": len(template())}
    for count in USUAL if processes < 0 else (processes,):
        name = MODES.get(count, f"ingest_{count}_apart")
        with TemporaryDirectory(prefix="warmstation-bench-") as directory:
            figures = _measured(Path(directory), count, minutes, seconds, rate)
        figures["max_points_per_s"] = round(float(str(figures["max_reports_per_s"])) * points)
        found |= {f"{name}_{key}": value for key, value in figures.items()}
    return found


def _measured(
    directory: Path, processes: int, minutes: float, seconds: float, rate: float
) -> dict[str, object]:
    with Site(directory, STATIONS, f"[intake]\nprocesses = {processes}\n") as site:
        loads = Loads(site)
        loads.run(seconds, minutes, rate)
        config = site.config
    size = sum(path.stat().st_size for path in config.history_path.parent.glob("history*"))
    held = held_in_file(config)
    return loads.figures | {
        "history_bytes_per_report": round(size / loads.published, 1),
        "lost": loads.published - len(set(held)),
        "duplicated": len(held) - len(set(held)),
    }


def known_values() -> int:
    """How many values one of the bench's reports has."""
    return sum(value == value for value in flatten(REPORT, DISTRICT).values)


def held_in_file(config: Config) -> list[tuple[str, int]]:
    """Every report's station and `seq`, after its server has ended."""
    now = datetime.now(UTC)
    with closing(SqliteHistory(config.history_path, config.zone_info)) as history:
        return [
            (station_id(number), received.seq)
            for number in range(STATIONS)
            for received in history.reports(
                station_id(number), now - timedelta(hours=2), now + timedelta(hours=1)
            )
            if received.district == DISTRICT
        ]
