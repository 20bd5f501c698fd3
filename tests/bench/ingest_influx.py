"""Reports and values a second through broker, server and a database of InfluxDB's kind.

Which one it was is in the answer (`side_databases.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import DISTRICT
from tests.bench.side_by_side import HISTORY
from tests.bench.side_databases import BUCKET, KEPT, ORG, TOKEN, database
from tests.bench.site import Site
from tests.bench.whole_path import STATIONS, Step, through
from warmstation_server.history import Received
from warmstation_server.history.book import Book
from warmstation_server.history.influx_shapes import Shapes
from warmstation_wire.examples import REPORT


def measure(rate: int = 20_000, seconds: int = 15) -> dict[str, object]:
    """More is offered than is taken, so that the rate is what it sustains."""
    with TemporaryDirectory(prefix="warmstation-bench-") as name:
        folder = Path(name)
        there = database(folder)
        there.start()
        try:
            (folder / "influx.token").write_text(TOKEN)
            more = HISTORY.format(url=there.url, org=ORG, bucket=BUCKET, kept=KEPT)
            with Site(folder, STATIONS, more) as site:
                load = through(site, Step("influx", rate, seconds), 1)
                rss_mb = site.rss_mb("server")
        finally:
            there.stop()
    found: dict[str, object] = {"ingest_influx_database": there.name}
    found |= {f"ingest_influx_{key}": value for key, value in load.items()}
    found["ingest_influx_values_per_s"] = round(load["reports_per_s"] * _values())
    found["ingest_influx_server_rss_mb"] = round(rss_mb)
    return found


def _values() -> int:
    """How many values one of the bench's reports has."""
    book = Book(lambda _: 20.0, None)
    shapes = Shapes(book)
    ((one, item),) = book.fresh([Received(REPORT, DISTRICT, datetime.now(UTC))])
    shapes.name(0)
    _, fields, _ = shapes.line(item.row, one.station, one.stream).split(" ")
    return len(fields.split(","))
