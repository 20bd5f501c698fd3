"""Reports, points and values a second through broker, server and databases of InfluxDB's kind.

The same loads as in `whole_path.py`, with each database that is here (`side_databases.py`), and
with SQLite's file where `--sqlite 1` asks for it; `--influx 0` and `--victoria 0` leave one out. A
report is a point. Each with everything in one server process (`ingest_influx_*`), then with one
process beside it that reads (`ingest_influx_apart_*`); `--processes N` measures only that way.
`*_together_cpu_us_per_report`: all that there is to do for one but to send it.

`--turns 3` goes round three times, and each figure is a list: a shared machine changes its speed,
so that only what was measured by turns can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import DISTRICT
from tests.bench.loads import STATIONS, Loads
from tests.bench.side_by_side import HISTORY
from tests.bench.side_databases import BUCKET, KEPT, ORG, TOKEN, Database, databases
from tests.bench.site import Site
from tests.bench.whole_path import MODES, USUAL, held_in_file, known_values
from warmstation_server.history import Received
from warmstation_server.history.book import Book
from warmstation_server.history.influx_shapes import Shapes
from warmstation_wire.examples import REPORT

_FILE = "sqlite"


def measure(
    minutes: float = 0,
    seconds: float = 15,
    processes: int = -1,
    rate: float = 0,
    turns: int = 1,
    influx: int = 1,
    victoria: int = 1,
    sqlite: int = 0,
) -> dict[str, object]:
    """`minutes` and `rate`: of the load for memory, else 80 % of the most; `seconds`: of others."""
    wanted = {"influx": influx, "victoria": victoria, _FILE: sqlite}
    kinds = [kind for kind in (*databases(), _FILE) if wanted[kind]]
    ways = [(kind, n) for kind in kinds for n in (USUAL if processes < 0 else (processes,))]
    found: dict[str, list[object]] = {}
    for _ in range(turns):
        for kind, count in ways:
            mode = MODES.get(count, f"ingest_{count}_apart").removeprefix("ingest")
            with TemporaryDirectory(prefix="warmstation-bench-") as name:
                figures = _measured(Path(name), kind, count, (seconds, minutes, rate))
            for key, value in figures.items():
                found.setdefault(f"ingest_{kind}{mode}_{key}", []).append(value)
    return {key: values if turns > 1 else values[0] for key, values in found.items()}


def _measured(
    folder: Path, kind: str, processes: int, lengths: tuple[float, float, float]
) -> dict[str, object]:
    more = f"[intake]\nprocesses = {processes}\n"
    if kind == _FILE:
        with Site(folder, STATIONS, more) as site:
            loads = Loads(site)
            loads.run(*lengths)
            config = site.config
        held, values = held_in_file(config), known_values()
    else:
        with _started(databases()[kind](folder)) as there:
            (folder / "influx.token").write_text(TOKEN)
            place = HISTORY.format(url=there.url, org=ORG, bucket=BUCKET, kept=KEPT)
            with Site(folder, STATIONS, place + more) as site:
                site.watch("database", there.pid)
                loads = Loads(site)
                loads.run(*lengths)
            held, values = there.held("report"), _values()
    most = float(str(loads.figures["max_reports_per_s"]))
    return loads.figures | {
        "max_points_per_s": round(most),
        "max_values_per_s": round(most * values),
        "published": loads.published,
        "lost": loads.published - len(set(held)),
        "duplicated": len(held) - len(set(held)),
    }


@contextmanager
def _started(there: Database) -> Iterator[Database]:
    there.start()
    try:
        yield there
    finally:
        there.stop()


def _values() -> int:
    """How many values the point of one of the bench's reports has."""
    book = Book(lambda _: 20.0, None)
    shapes = Shapes(book)
    ((one, item),) = book.fresh([Received(REPORT, DISTRICT, datetime.now(UTC))])
    shapes.name(0)
    _, fields, _ = shapes.line(item.row, one.station, one.stream).split(" ")
    return len(fields.split(","))
