"""How soon a server that starts again knows the state of 1,000 stations."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from tests.bench.load import station_id, template
from warmstation_server.history import Received
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.status.board import rebuilt
from warmstation_server.status.evidence import MEMORY
from warmstation_wire import Report, decode, rfc3339

STATIONS, QUARTERS = 1000, 96
_ZONE = ZoneInfo("Asia/Shanghai")


def measure() -> dict[str, float]:
    """A day of four reports an hour from each station, then: open the file, rebuild the board."""
    end = datetime.now(UTC)
    with TemporaryDirectory(prefix="warmstation-bench-") as directory:
        path = Path(directory) / "history.db"
        _fill(path, end - timedelta(minutes=15 * QUARTERS))
        began = time.perf_counter()
        history = SqliteHistory(path, _ZONE)
        opened = time.perf_counter()
        names = [station_id(number) for number in range(STATIONS)]
        usage = history.usage(names, end - MEMORY, end, "quarter")
        board = rebuilt(history.latest(), usage)
        done = time.perf_counter()
        known = sum(board.state(name).heard is not None for name in names)
        history.close()
    return {
        "board_stations": known,
        "board_open_history_s": round(opened - began, 3),
        "board_rebuild_s": round(done - opened, 3),
    }


def _fill(path: Path, start: datetime) -> None:
    history = SqliteHistory(path, _ZONE)
    text = template()
    for quarter in range(QUARTERS):
        at = start + timedelta(minutes=15 * quarter)
        when = rfc3339(at).encode()
        batch = []
        for number in range(STATIONS):
            name = station_id(number).encode()
            payload = text.replace(b"@station@", name).replace(b"@seq@", b"%d" % (quarter + 1))
            report = decode(Report, payload.replace(b"@at@", when))
            batch.append(Received(report, "bench", at))
        history.append(batch)
    history.close()
