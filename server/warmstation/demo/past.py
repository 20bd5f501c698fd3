"""The demo's made-up past: generated from the same worlds that go on living afterwards.

It is made once and kept: station by station in two processes, each of which writes a history of
its own that is then taken in whole. A later start fills what is missing since, unless that is
short: then the gap stays in the curves, as it would for a real server that was off.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from warmstation.demo import lived
from warmstation.errors import DemoError
from warmstation_edge.simulator.generate import Span, histories
from warmstation_edge.simulator.plan import Fleet, StationPlan
from warmstation_server.config import Config
from warmstation_server.history import Received
from warmstation_server.history.codec import flattened, microseconds
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.hours import Hours
from warmstation_wire.plain import Plain, report_of


def make(
    fleet: Fleet,
    directory: Path,
    config: Config,
    days: int,
    now: datetime,
    progress: Callable[[float], None],
    processes: int = 2,
) -> None:
    """Bring the history up to now; `progress` hears the share that is done.

    Broken off, it is made anew; where it only filled what was missing, the rest stays a gap.
    Made again it would have other streams, and what was taken in already would count twice.
    """
    if not lived.is_missing(directory, days, now):
        return
    start, known = now - timedelta(days=days), lived.until(directory)
    after = max(start, known or start)
    if known is None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{config.history_path}{suffix}").unlink(missing_ok=True)
    else:
        lived.note(directory, now)
    lived.world_file(directory).unlink(missing_ok=True)
    span = Span(now.replace(microsecond=0), max(1, ceil((now - after) / timedelta(days=1))))
    states: dict[str, Any] = {}
    with (
        closing(SqliteHistory(config.history_path, config.zone_info)) as history,
        TemporaryDirectory(prefix="parts-", dir=directory) as folder,
        ExitStack() as stack,
        _in_words(),
    ):
        keep = partial(kept, folder=Path(folder), zone=config.zone_info, after=after)
        for made in stack.enter_context(closing(histories(fleet, span, keep, processes))):
            history.absorb(made.kept)
            made.kept.unlink()
            states[made.station] = made.state
            progress(len(states) / len(fleet.stations))
    lived.world_file(directory).write_text(json.dumps(states), "utf-8")
    lived.note(directory, now)


@contextmanager
def _in_words() -> Iterator[None]:
    """DemoError where somebody ended the processes that make it."""
    try:
        yield
    except BrokenProcessPool:
        raise DemoError("a process that made the history was ended from outside") from None


def kept(
    plan: StationPlan, reports: Iterable[Plain], folder: Path, zone: ZoneInfo, after: datetime
) -> Path:
    """A history with the reports of one station that are still missing, each as if it had been
    received when it was measured. Runs in the worker that makes them.
    """
    gc.disable()  # hundreds of thousands of reports pass, and none of them refers to itself
    path = folder / f"{plan.id}.db"
    hours = Hours(plan.hours, plan.zone)
    history = SqliteHistory(
        path,
        zone,
        targets={plan.id: plan.target_c},
        is_open=lambda _, at: hours.is_open(at),
        seats=lambda _: plan.capacity,
        is_scratch=True,
    )
    with closing(history):
        history.append(
            [_received(one, plan.district) for one in reports if one["measured_at"] > after]
        )
        history.settle()
    Path(f"{path}.lock").unlink()
    return path


def _received(plain: Plain, district: str) -> Received:
    at = plain["measured_at"]
    identity = plain["station"], plain["stream"], plain["seq"], microseconds(at)
    flat = flattened(plain, district)
    return Received.read(identity, district, at, flat, lambda _: report_of(plain))
