"""CPU microseconds a report, by stage, in one process and without a network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from tests.bench.load import STREAM, station_id, template
from warmstation_server.history import Received
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.status.board import Board
from warmstation_wire import Receipt, Report, decode, rfc3339

STATIONS, ROUNDS = 1000, 12
_START = datetime(2026, 11, 21, 4, tzinfo=UTC)


def measure() -> dict[str, float]:
    """Decode, store (fsync and usage included), fold and receipt, over whole batches."""
    rounds = [[_payload(n, seq) for n in range(STATIONS)] for seq in range(1, ROUNDS + 1)]
    clock = _Stages(STATIONS * ROUNDS)
    board = Board()
    with TemporaryDirectory(prefix="warmstation-bench-") as directory:
        history = SqliteHistory(Path(directory) / "history.db", ZoneInfo("Asia/Shanghai"))
        for seq, payloads in enumerate(rounds, 1):
            at = _START + timedelta(minutes=seq)
            with clock.of("decode"):
                reports = [decode(Report, one) for one in payloads]
            batch = [Received(report, "bench", at) for report in reports]
            with clock.of("append"):
                history.append(batch)
            with clock.of("fold"):
                board.fold(batch)
            with clock.of("receipt"):
                _receipts(seq)
        history.close()
    return clock.figures()


class _Stages:
    """Adds up the CPU time of named stages; fsync waits, so the wall clock is kept beside it."""

    def __init__(self, reports: int) -> None:
        self._reports = reports
        self._cpu_s: dict[str, float] = {}
        self._wall_s: dict[str, float] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self._cpu_s[name] = self._cpu_s.get(name, 0.0) + time.process_time() - cpu
        self._wall_s[name] = self._wall_s.get(name, 0.0) + time.perf_counter() - wall

    def figures(self) -> dict[str, float]:
        cpu = {f"stage_{name}_cpu_us": self._us(spent) for name, spent in self._cpu_s.items()}
        return cpu | {"stage_append_wall_us": self._us(self._wall_s["append"])}

    def _us(self, seconds: float) -> float:
        return round(seconds / self._reports * 1e6, 1)


def _payload(station: int, seq: int) -> bytes:
    at = rfc3339(_START + timedelta(minutes=seq, milliseconds=station))
    return (
        template()
        .replace(b"@station@", station_id(station).encode())
        .replace(b"@seq@", b"%d" % seq)
        .replace(b"@at@", at.encode())
    )


def _receipts(seq: int) -> list[bytes]:
    return [Receipt.of(STREAM, [seq]).to_json() for _ in range(STATIONS)]
