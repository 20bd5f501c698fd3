"""The demo's made-up past: generated from the same worlds that go on living afterwards.

It is made once and kept. A later start fills what is missing since, unless that is short: then
the gap stays in the curves, as it would for a real server that was off.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any

from warmstation.errors import DemoError
from warmstation_edge.simulator.plan import Fleet, StationPlan
from warmstation_server.config import Config
from warmstation_server.history import History, Received
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_wire import Report

SHORT_GAP = timedelta(hours=6)
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Lived:
    """Until when there is a past."""

    until: str

    @classmethod
    def read(cls, directory: Path) -> datetime | None:
        """None where none was made yet."""
        try:
            return datetime.fromisoformat(json.loads(_mark(directory).read_text("utf-8"))["until"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DemoError(f"{_mark(directory)} cannot be read ({error}): delete it") from None

    def write(self, directory: Path) -> None:
        """Said only when all of it is in the history."""
        _mark(directory).write_text(json.dumps(asdict(self)), "utf-8")


def make(
    fleet: Fleet,
    directory: Path,
    config: Config,
    days: int,
    now: datetime,
    progress: Callable[[float], None],
) -> None:
    """Bring the history up to now; `progress` hears the share that is done."""
    until = Lived.read(directory)
    start = now - timedelta(days=days)
    if days == 0 or (until is not None and now - until < SHORT_GAP):
        return
    from warmstation_edge.simulator.generate import Span, histories

    after = max(start, until) if until else start
    world_file(directory).unlink(missing_ok=True)
    span = Span(now.replace(microsecond=0), max(1, ceil((now - after) / timedelta(days=1))))
    with closing(SqliteHistory(config.history_path, config.zone_info)) as history, _uncollected():
        states: dict[str, Any] = {}
        for made in histories(fleet, span, partial(later_than, after=after)):
            _store(made.district, made.kept, history)
            states[made.station] = made.state
            progress(len(states) / len(fleet.stations))
    world_file(directory).write_text(json.dumps(states), "utf-8")
    Lived(now.isoformat()).write(directory)


def later_than(plan: StationPlan, reports: Iterable[Report], after: datetime) -> list[Report]:
    """The reports that are still missing. Runs in the worker that made them."""
    gc.disable()  # the worker ends soon, and nothing it makes refers to itself
    return [report for report in reports if report.measured_at > after]


def world_file(directory: Path) -> Path:
    """The state in which the made-up worlds ended; the live fleet goes on from there."""
    return directory / "world.json"


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hundreds of thousands of reports pass and none is garbage that only the collector finds."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _store(district: str, reports: Iterable[Report], history: History) -> None:
    """As if each report had been received when it was measured."""
    received = (Received(one, district, one.measured_at) for one in reports)
    while batch := list(islice(received, _BATCH)):
        history.append(batch)


def _mark(directory: Path) -> Path:
    return directory / "past.json"
