"""Reports and values a second through broker, server and a database of InfluxDB's kind.

The same loads as in `whole_path.py`. Which database it was is in the answer (`side_databases.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import DISTRICT
from tests.bench.loads import STATIONS, Loads
from tests.bench.side_by_side import HISTORY
from tests.bench.side_databases import BUCKET, KEPT, ORG, TOKEN, database
from tests.bench.site import Site
from warmstation_server.history import Received
from warmstation_server.history.book import Book
from warmstation_server.history.influx_shapes import Shapes
from warmstation_wire.examples import REPORT


def measure(minutes: float = 0, seconds: float = 15, processes: int = 0) -> dict[str, object]:
    """`seconds`: how long the loads are, but the one for memory (`minutes`)."""
    with TemporaryDirectory(prefix="warmstation-bench-") as name:
        folder = Path(name)
        there = database(folder)
        there.start()
        try:
            (folder / "influx.token").write_text(TOKEN)
            more = HISTORY.format(url=there.url, org=ORG, bucket=BUCKET, kept=KEPT)
            more += f"[intake]\nprocesses = {processes}\n"
            with Site(folder, STATIONS, more) as site:
                site.watch("database", there.pid)
                loads = Loads(site)
                loads.run(seconds, minutes)
            held = there.held("report")
        finally:
            there.stop()
    figures = loads.figures | {
        "database": there.name,
        "processes": processes,
        "max_values_per_s": round(float(str(loads.figures["max_reports_per_s"])) * _values()),
        "lost": loads.published - len(set(held)),
    }
    return {f"ingest_influx_{key}": value for key, value in figures.items()}


def _values() -> int:
    """How many values one of the bench's reports has."""
    book = Book(lambda _: 20.0, None)
    shapes = Shapes(book)
    ((one, item),) = book.fresh([Received(REPORT, DISTRICT, datetime.now(UTC))])
    shapes.name(0)
    _, fields, _ = shapes.line(item.row, one.station, one.stream).split(" ")
    return len(fields.split(","))
