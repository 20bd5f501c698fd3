"""CPU microseconds a report, by stage: the real pipeline at 10,000 reports/s, without a network.

`stage_*`: everything in one process. `stage_apart_*`: with the intake in a process of its own,
`pack` there and all else in the server. CPU time of one thread, so that the disk is not waited for.
"""

from __future__ import annotations

import gc
import io
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tests.bench import yardstick
from tests.bench.load import DISTRICT, station_id, written
from tests.support.registered import FixedPlaces, station
from warmstation_server import pipeline
from warmstation_server.alerting import Alerting, AlertParts
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.conditions.watch import Watch
from warmstation_server.dead_letters import DeadLetter
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.intake import Message, packets
from warmstation_server.intake.packets import Outgoing
from warmstation_server.intake.parcels import framed, packed, unframed, unpacked
from warmstation_server.metrics import Metrics
from warmstation_server.picture import Picture
from warmstation_server.pipeline import Pace, Pipeline
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_server.serve import GC_THRESHOLDS
from warmstation_server.snapshot import Current, Snapshot
from warmstation_wire import Leaf, Topic, rfc3339

STATIONS, RATE, SECONDS = 1000, 10_000, 8
_WARM = RATE
_BATCH = RATE * 150 // 1000
_START = datetime(2026, 11, 21, 4, tzinfo=UTC)
T = TypeVar("T")


def measure(seconds: float = SECONDS) -> dict[str, float]:
    """Both ways, with a yardstick for each."""
    found: dict[str, float] = {}
    gc.set_threshold(*GC_THRESHOLDS)  # as the server's own processes do
    for name, is_apart in (("stage", False), ("stage_apart", True)):
        units = [yardstick.measure()["yardstick_validate_us"]]
        with TemporaryDirectory(prefix="warmstation-bench-") as directory:
            stages = _run(Path(directory), int(seconds), is_apart=is_apart)
        units.append(yardstick.measure()["yardstick_validate_us"])
        unit = round(sum(units) / 2, 1)
        total = stages["pipeline"] + stages.get("unpack", 0.0)
        found |= {f"{name}_{key}_cpu_us": round(value, 1) for key, value in stages.items()}
        found |= {f"{name}_yardstick_us": unit, f"{name}_yardsticks": round(total / unit, 2)}
    return found


class _Stages:
    """Adds up the CPU time of named calls."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = {}

    def timed(self, name: str, call: Callable[..., T]) -> Callable[..., T]:
        """The same call, with a watch on it."""

        def watched(*values: Any, **more: Any) -> T:
            began = time.thread_time()
            try:
                return call(*values, **more)
            finally:
                spent = time.thread_time() - began
                self.spent_s[name] = self.spent_s.get(name, 0.0) + spent

        return watched


class _Watching(Watch):
    """A watch that is kept nowhere."""

    def remember(self, now: datetime, breath: object) -> None:
        """Nothing."""

    def keep(self, now: datetime, breath: object) -> None:
        """Nothing."""

    def close(self, now: datetime) -> None:
        """Nothing."""


class _Wire:
    """A broker that costs nothing; the bytes for it are made."""

    connections = 1

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        """Nothing comes from here."""
        return []

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """As the connection does."""
        packets.pubacks([one.mid for one in messages])

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        """As the connection does."""
        for one in messages:
            packets.publish(one, 1)
        return True

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """There are none."""


class _Clock:
    at = _START

    def now(self) -> datetime:
        """As the load goes on."""
        return self.at


def _run(directory: Path, seconds: int, *, is_apart: bool) -> dict[str, float]:
    stages, clock, wire = _Stages(), _Clock(), _Wire()
    with ExitStack() as stack:
        work = _pipeline(directory, clock, wire, stages, stack)
        turn = stages.timed("pipeline", work.turn)
        across = partial(_across, stages) if is_apart else list
        work.turn((), _START)
        for first in range(0, _WARM + RATE * seconds, _BATCH):
            if first - _BATCH < _WARM <= first:
                stages.spent_s.clear()
            clock.at = _START + timedelta(seconds=(first + _BATCH) / RATE)
            turn(
                across([report_message(number) for number in range(first, first + _BATCH)]),
                clock.at,
            )
    return {name: spent / (RATE * seconds) * 1e6 for name, spent in stages.spent_s.items()}


def _pipeline(
    directory: Path, clock: _Clock, wire: _Wire, stages: _Stages, stack: ExitStack
) -> Pipeline:
    places = (station(station_id(n), district=DISTRICT, hours="24/7") for n in range(STATIONS))
    roster = Roster(FixedPlaces(*places))
    roster.refresh()
    registry = stack.enter_context(closing(Registry.open(directory / "registry.db")))
    zone, asked = ZoneInfo("Asia/Shanghai"), (roster.target_c, roster.is_posted_open)
    history = SqliteHistory(directory / "history.db", zone, *asked, seats=roster.seats)
    stack.enter_context(closing(history))
    scene = RosterScene(roster, load(), _START)
    desk = Desk(registry.alerts, scene)
    alerting = Alerting(
        AlertParts(_Watching(roster), desk, scene, roster, wire, Metrics(), lambda: True)
    )
    picture = Picture(roster, Current(Snapshot(_START)))
    parts = pipeline.Parts(
        wire, wire, history, wire, roster, picture, Metrics(), clock, alerting=alerting
    )
    work = Pipeline(replace(parts), Pace())
    watched: tuple[tuple[str, Any, str], ...] = (
        ("read", pipeline, "sorted_out"),
        ("history", history, "append"),
        ("acknowledge", wire, "acknowledge"),
        ("send", wire, "publish"),
        ("judge", alerting, "after_reports"),
        ("alert_tick", alerting, "turn"),
        ("picture", picture, "turn"),
    )
    for name, owner, call in watched:
        plain = getattr(owner, call)
        setattr(owner, call, stages.timed(name, plain))
        stack.callback(setattr, owner, call, plain)
    return work


def _across(stages: _Stages, messages: Sequence[Message]) -> list[Message]:
    """Through the pipe between the two processes."""
    sent = stages.timed("pack", lambda: framed(packed(messages)))()
    return stages.timed("unpack", lambda: list(unpacked(next(unframed(io.BytesIO(sent))), 1)))()


def report_message(number: int) -> Message:
    """The load's report with this number, as the network brings it."""
    at = _START + timedelta(seconds=number / RATE)
    payload = written(number % STATIONS, number // STATIONS + 1, rfc3339(at).encode())
    batch_at = _START + timedelta(seconds=(number // _BATCH + 1) * _BATCH / RATE)
    return Message(_topic(number % STATIONS), payload, batch_at, 1, number % 60_000 + 1)


def _topic(number: int) -> str:
    return str(Topic(DISTRICT, station_id(number), Leaf.REPORT))
