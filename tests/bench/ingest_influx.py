"""Reports, points and values a second through broker, server and databases of InfluxDB's kind.

The same loads as in `whole_path.py`, with each database that is here (`side_databases.py`). A
report is a point. `*_together_cpu_us_per_report`: all that there is to do for one but to send it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import DISTRICT
from tests.bench.loads import STATIONS, Loads
from tests.bench.side_by_side import HISTORY
from tests.bench.side_databases import BUCKET, KEPT, ORG, TOKEN, databases
from tests.bench.site import Site
from warmstation_server.history import Received
from warmstation_server.history.book import Book
from warmstation_server.history.influx_shapes import Shapes
from warmstation_wire.examples import REPORT


def measure(
    minutes: float = 0, seconds: float = 15, processes: int = 1, rate: float = 0
) -> dict[str, object]:
    """`seconds`: how long the loads are, but the one for memory: `minutes`, at `rate` or 80 %."""
    found: dict[str, object] = {}
    for kind in databases():
        with TemporaryDirectory(prefix="warmstation-bench-") as name:
            figures = _measured(Path(name), kind, processes, seconds, minutes, rate)
        found |= {f"ingest_{kind}_{key}": value for key, value in figures.items()}
    return found


def _measured(
    folder: Path, kind: str, processes: int, seconds: float, minutes: float, rate: float
) -> dict[str, object]:
    there = databases()[kind](folder)
    there.start()
    try:
        (folder / "influx.token").write_text(TOKEN)
        more = HISTORY.format(url=there.url, org=ORG, bucket=BUCKET, kept=KEPT)
        more += f"[intake]\nprocesses = {processes}\n"
        with Site(folder, STATIONS, more) as site:
            site.watch("database", there.pid)
            loads = Loads(site)
            loads.run(seconds, minutes, rate)
        held = there.held("report")
    finally:
        there.stop()
    most = float(str(loads.figures["max_reports_per_s"]))
    return loads.figures | {
        "processes": processes,
        "max_points_per_s": round(most),
        "max_values_per_s": round(most * _values()),
        "published": loads.published,
        "lost": loads.published - len(set(held)),
        "duplicated": len(held) - len(set(held)),
    }


def _values() -> int:
    """How many values the point of one of the bench's reports has."""
    book = Book(lambda _: 20.0, None)
    shapes = Shapes(book)
    ((one, item),) = book.fresh([Received(REPORT, DISTRICT, datetime.now(UTC))])
    shapes.name(0)
    _, fields, _ = shapes.line(item.row, one.station, one.stream).split(" ")
    return len(fields.split(","))
