"""Alerts: judgements a second, and how long from a stored report to its row in the outbox.

`alert_*_100` and `alert_*_200k`: the pipeline with history and registry on disk, without a broker,
every station reporting once a minute and heard for the first time, as after a mass return: from the
commit of smoke, and from its message, to the commit of its notice. What is not critical waits for
the tick and LATENESS on top, on purpose. `smoke_*`: the whole path, broker included, from publish
to a row that another process can read, at 2,000 reports/s; `smoke_flooded_*`: while far more come
than can be taken. `*_ordinary_*` is how long other reports of the same run waited for a receipt.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from tests.bench.load import DISTRICT, Packets, station_id
from tests.bench.site import Site
from tests.support.registered import FixedPlaces, report, station
from warmstation_server.alerting import Alerting, AlertParts
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.alerts.store import Decided, Kept
from warmstation_server.conditions.watch import Watch
from warmstation_server.dead_letters import DeadLetter
from warmstation_server.fast_lane import FastLane
from warmstation_server.history import Meanwhile, Received, idle
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.intake import Message, packets
from warmstation_server.intake.packets import Outgoing
from warmstation_server.metrics import Metrics
from warmstation_server.picture import Picture
from warmstation_server.pipeline import Pace, Parts, Pipeline
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_server.serve import GC_THRESHOLDS
from warmstation_server.snapshot import Current, Snapshot
from warmstation_wire import Leaf, Topic
from warmstation_wire.examples import REPORT

SIZES = {"100": (100, 100), "200k": (200_000, 40)}
"""Stations, and rounds of a second each."""
RATE = 3_334
"""Reports a second from 200,000 stations that report once a minute."""
SMOKES = 100
LOAD_PER_S, LOAD_STATIONS = 2_000, 1_000
FLOOD_PER_S = 50_000
"""More than the server can take: 20,000 reports are always under way, ahead of any smoke."""
_PATIENCE_S = 30.0
_START = datetime(2026, 11, 21, 4, tzinfo=UTC)


def measure() -> dict[str, float]:
    """Both sizes alone, then smoke over the whole path: at 2,000 reports/s, and at too many."""
    found: dict[str, float] = {"alert_reports_judged_per_s": _judged_per_s()}
    for name, (stations, rounds) in SIZES.items():
        found |= {f"alert_{key}_{name}": value for key, value in _alone(stations, rounds).items()}
        gc.collect()
    return found | _smoke("smoke", LOAD_PER_S) | _smoke("smoke_flooded", FLOOD_PER_S)


class _Watching(Watch):
    """A watch that is kept nowhere."""

    def remember(self, now: datetime, breath: object) -> None:
        """Nothing."""

    def keep(self, now: datetime, breath: object) -> None:
        """Nothing."""

    def close(self, now: datetime) -> None:
        """Nothing."""


class _Wire:
    """A broker that costs nothing. `danger`: a message and when it comes; it goes ahead."""

    connections = 1

    def __init__(self) -> None:
        self.danger: tuple[float, Message] | None = None

    def urgent(self, timeout: timedelta) -> list[Message]:
        """The one that has come by now."""
        if self.danger is None or time.perf_counter() < self.danger[0]:
            return []
        message, self.danger = self.danger[1], None
        return [message]

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        """Nothing comes from here."""
        return []

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Nobody listens."""

    def publish(self, messages: object) -> bool:
        """Nobody listens."""
        return True

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """There are none."""


class _Clock:
    at = _START

    def now(self) -> datetime:
        """As the load goes on."""
        return self.at


class _History(SqliteHistory):
    hurried_at = 0.0

    def append(self, batch: Sequence[Received], meanwhile: Meanwhile = idle) -> Sequence[Received]:
        """As it is, with the moment at which what goes ahead is committed."""
        found = super().append(batch, meanwhile)
        if len(batch) == 1:
            self.hurried_at = time.perf_counter()
        return found


class _Store:
    """The registry's alerts, with the moments of what was told."""

    def __init__(self, registry: Registry) -> None:
        self._alerts = registry.alerts
        self.told_at: list[float] = []

    def load(self) -> Kept:
        """As it is."""
        return self._alerts.load()

    def commit(self, decided: Decided) -> None:
        """As it is."""
        self._alerts.commit(decided)
        if decided.notices:
            self.told_at.append(time.perf_counter())


def _alone(stations: int, rounds: int) -> dict[str, float]:
    """The pipeline at work; smoke at one station a second, at any moment of the work."""
    gc.set_threshold(*GC_THRESHOLDS)
    chance, wire, clock = random.Random(1), _Wire(), _Clock()
    from_commit: list[float] = []
    from_message: list[float] = []
    busy_s = [0.0]
    with TemporaryDirectory(prefix="warmstation-bench-") as folder, ExitStack() as stack:
        work, history, store = _pipeline(Path(folder), stations, wire, clock, stack)
        work.turn((), _START)
        for batch, now in _messages(stations, rounds):
            clock.at, began = now, time.perf_counter()
            came_at = began + chance.random() * busy_s[-1]
            wire.danger = came_at, batch.pop(0)
            work.turn(batch, now)
            busy_s.append(time.perf_counter() - began)
            while wire.danger is not None:  # it comes when all is done
                work.turn((), now)
            from_commit.append(store.told_at[-1] - history.hurried_at)
            from_message.append(store.told_at[-1] - came_at)
        told = len(store.told_at)
    found = {"commit_to_outbox": from_commit, "message_to_outbox": from_message}
    said = {f"{name}_{key}": value for name, one in found.items() for key, value in _of(one)}
    return said | {"critical_told": told, "second_takes_s": round(median(busy_s[1:]), 2)}


def _of(latencies_s: list[float]) -> Iterator[tuple[str, float]]:
    ordered = sorted(latencies_s)
    for percent in (50, 99):
        yield f"p{percent}_ms", round(ordered[len(ordered) * percent // 100] * 1000, 1)


def _pipeline(
    folder: Path, stations: int, wire: _Wire, clock: _Clock, stack: ExitStack
) -> tuple[Pipeline, _History, _Store]:
    places = (station(station_id(n), district=DISTRICT) for n in range(stations))
    roster = Roster(FixedPlaces(*places))
    roster.refresh()
    registry = stack.enter_context(closing(Registry.open(folder / "r.db")))
    history = stack.enter_context(closing(_History(folder / "h.db", ZoneInfo("Asia/Shanghai"))))
    scene, metrics = RosterScene(roster, load(), _START), Metrics()
    store = _Store(registry)
    desk = Desk(store, scene)
    alerting = Alerting(
        AlertParts(_Watching(roster), desk, scene, roster, wire, metrics, lambda: True)
    )
    picture = Picture(roster, Current(Snapshot(_START)))
    lane = FastLane(wire, history, alerting, roster, clock)
    parts = Parts(
        *(wire, wire, history, wire, roster, picture, metrics, clock),
        alerting=alerting,
        lane=lane,
    )
    return Pipeline(parts, Pace()), history, store


def _messages(stations: int, rounds: int) -> Iterator[tuple[list[Message], datetime]]:
    for batch, now in _batches(stations, rounds):
        yield (
            [
                Message(
                    str(Topic(DISTRICT, one.station, Leaf.REPORT)), one.report.to_json(), now, 1, n
                )
                for n, one in enumerate(batch)
            ],
            now,
        )


def _judged_per_s() -> float:
    """All conditions of a healthy station, by CPU time: what one core can do."""
    stations = 2 * RATE
    roster = Roster(FixedPlaces(*(station(station_id(n)) for n in range(stations))))
    roster.refresh()
    watch, judged, spent = Watch(roster), 0, 0.0
    for batch, now in _batches(stations, 12):
        began = time.process_time()
        watch.after_reports(batch)
        for _ in watch.conditions({one.report.station for one in batch}, now):
            pass
        spent, judged = spent + time.process_time() - began, judged + len(batch)
    return round(judged / spent)


def _batches(stations: int, rounds: int) -> Iterator[tuple[list[Received], datetime]]:
    """A second each; every station in turn, and smoke at one of them every second."""
    gone = {"safety", "seq", "measured_at", "v"}
    fields = REPORT.model_dump(mode="json", exclude_none=True, exclude=gone)
    rate = RATE if stations > RATE else max(1, stations // 60)
    number = 0
    for second in range(rounds):
        now = _START + timedelta(seconds=second)
        batch = []
        for turn in range(rate):
            name, seq = station_id(number % stations), number // stations + 1
            own = {"station": name, "stream": "be01", "safety": {"smoke": turn == 0}}
            one = report(seq, now, **fields | own)
            batch.append(Received(one, DISTRICT, now))
            number += 1
        yield batch, now


def _smoke(name: str, rate: int) -> dict[str, float]:
    with (
        TemporaryDirectory(prefix="warmstation-bench-") as directory,
        Site(Path(directory), LOAD_STATIONS + SMOKES) as site,
    ):
        command = [sys.executable, "-m", "tests.bench.load", "--port", str(site.mqtt_port)]
        command += ["--stations", str(LOAD_STATIONS), "--rate", str(rate)]
        command += ["--seconds", str(SMOKES * 0.25 + 10)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
            time.sleep(5)
            with closing(Registry.open(site.config.registry_url)) as registry:
                latencies = asyncio.run(_alarms(site.mqtt_port, registry))
            ordinary = json.loads(running.communicate()[0])
    found = {
        f"{name}_load_reports_per_s": round(ordinary["receipted_per_s"]),
        f"{name}_told": len(latencies),
        f"{name}_ordinary_publish_to_receipt_p50_ms": round(ordinary["p50_ms"], 1),
        f"{name}_ordinary_publish_to_receipt_p99_ms": round(ordinary["p99_ms"], 1),
    }
    to_outbox = f"{name}_publish_to_outbox"
    return found | {f"{to_outbox}_{key}": value for key, value in _of(latencies or [float("nan")])}


async def _alarms(port: int, registry: Registry) -> list[float]:
    """One station after the other has smoke; seconds until its notice can be read."""
    _, link = await asyncio.get_running_loop().create_connection(Packets, "127.0.0.1", port)
    await link.connected.wait()
    found: list[float] = []
    for number in range(SMOKES):
        name = station_id(LOAD_STATIONS + number)
        now = datetime.now(UTC)
        said = report(1, now, station=name, stream="be01", safety={"smoke": True})
        began = time.perf_counter()
        topic = str(Topic(DISTRICT, name, Leaf.REPORT))
        link.write(packets.publish(Outgoing(topic, said.to_json()), number + 1))
        while not registry.alerts.newest(name, limit=1):
            await asyncio.sleep(0.005)
            if time.perf_counter() - began > _PATIENCE_S:
                return found  # the machine cannot take this load: `smoke_told` says so
        found.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 0.25 - (time.perf_counter() - began)))
    return found
