"""Our writes, taken by a real server in the ordinary run: VictoriaMetrics takes /api/v2/write.

It shows that the client, its batches and our line protocol are what another implementation reads.
What it cannot show is checked by a real InfluxDB 2 only (WARMSTATION_TEST_INFLUX_URL and the rest):
Flux, buckets and retention, tokens, partial writes, texts and exact times: it keeps numbers, in ms.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.history.reports import START, busy
from tests.support.patience import eventually
from tests.support.ports import free_port
from warmstation_server.history.book import Book
from warmstation_server.history.influx_door import Door, Place
from warmstation_server.history.influx_shapes import Shapes


@pytest.fixture(scope="module")
def victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """VictoriaMetrics on a free port."""
    program = shutil.which("victoria-metrics")
    assert program, "victoria-metrics is missing: make packages"
    folder, port = tmp_path_factory.mktemp("victoria"), free_port()
    url = f"http://127.0.0.1:{port}"
    command = [program, f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={folder}"]
    more = ["-retentionPeriod=100y", "-memory.allowedBytes=64MB", "-search.latencyOffset=0s"]
    with (
        Path(folder / "log").open("wb") as log,
        subprocess.Popen([*command, *more], stdout=log, stderr=log) as process,
    ):
        try:
            eventually(lambda: _is_up(url))
            yield url
        finally:
            process.terminate()


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").status_code == 200
    except httpx.HTTPError:
        return False


def _lines(count: int) -> list[str]:
    book = Book(lambda _: 20.0, None)
    shapes = Shapes(book)
    items = list(book.fresh([busy(seq) for seq in range(1, count + 1)]))
    for number in range(len(book.shapes)):
        shapes.name(number)
    return [shapes.line(item.row, one.report.station, one.report.stream) for one, item in items]


def _stored(url: str, field: str) -> dict[int, float]:
    httpx.get(f"{url}/internal/force_flush").raise_for_status()
    labels = '{district="kunshan",station="ks-songnan"}'
    params = {"match[]": f"report_{field}{labels}", "start": str(START.timestamp() - 60)}
    text = httpx.get(f"{url}/api/v1/export", params=params).raise_for_status().text
    found: dict[int, float] = {}
    for line in text.splitlines():
        series = json.loads(line)
        found |= dict(zip(series["timestamps"], series["values"], strict=True))
    return found


def test_a_real_server_takes_batches_and_a_repeat_changes_nothing(victoria: str) -> None:
    door = Door(Place(victoria, "warm", "any"))
    try:
        for _ in range(2):
            assert door.write_all_but_refused("raw", _lines(500)) == []
        stored = _stored(victoria, "entered")
        assert len(stored) == 500
        assert [*sorted(stored.values())] == [2.0 * seq for seq in range(1, 501)]
        assert _stored(victoria, "heater_w")[int(START.timestamp() * 1000)] == 1480.5
    finally:
        door.close()
