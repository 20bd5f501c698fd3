"""Alerts: judgements a second, and how long from a stored report to its row in the outbox.

`alert_*_100` and `alert_*_200k`: alerting alone, in one process, every station reporting once a
minute, with the registry on disk: from the commit of a batch to the commit of the notice that it
causes. What is not critical waits LATENESS on top, on purpose. `smoke_*`: the whole path, broker
and disk included, from publish to a row that another process can read, at 2,000 reports/s.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import DISTRICT, Packets, station_id
from tests.bench.site import Site
from tests.support.registered import FixedPlaces, report, station
from warmstation_server.alerting import Alerting, AlertParts
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import Received
from warmstation_server.metrics import Metrics
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_wire import Leaf, Topic
from warmstation_wire.examples import REPORT

SIZES = {"100": (100, 100), "200k": (200_000, 40)}
"""Stations, and rounds of a second each."""
RATE = 3_334
"""Reports a second from 200,000 stations that report once a minute."""
SMOKES = 100
LOAD_PER_S, LOAD_STATIONS = 2_000, 1_000
_PATIENCE_S = 30.0
_START = datetime(2026, 11, 21, 4, tzinfo=UTC)


def measure() -> dict[str, float]:
    """Both sizes alone, then smoke over the whole path."""
    found: dict[str, float] = {"alert_reports_judged_per_s": _judged_per_s()}
    for name, (stations, rounds) in SIZES.items():
        found |= {f"alert_{key}_{name}": value for key, value in _alone(stations, rounds).items()}
        gc.collect()
    return found | _smoke()


class _Watching(Watch):
    """A watch that is kept nowhere."""

    def keep(self, now: datetime) -> None:
        """Nothing."""

    def close(self, now: datetime) -> None:
        """Nothing."""


class _Nobody:
    connections = 0

    def publish(self, messages: object) -> bool:
        """Nobody listens."""
        return True


def _alone(stations: int, rounds: int) -> dict[str, float]:
    roster = Roster(FixedPlaces(*(station(station_id(n)) for n in range(stations))))
    roster.refresh()
    watch = _Watching(roster)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (
        TemporaryDirectory(prefix="warmstation-bench-") as directory,
        closing(Registry.open(Path(directory) / "r.db")) as registry,
    ):
        scene = RosterScene(roster, load(), _START)
        parts = AlertParts(
            watch,
            Desk(registry.alerts, scene),
            scene,
            roster,
            _Nobody(),
            Metrics(),
            lambda: True,
        )
        alerting = Alerting(parts)
        latencies = []
        for batch, now in _batches(stations, rounds):
            began = time.perf_counter()
            alerting.after_reports(batch)
            alerting.turn({one.report.station for one in batch}, now, is_stored=True)
            took = time.perf_counter() - began
            if any(one.report.safety and one.report.safety.smoke for one in batch):
                latencies.append(took)
        told = len(registry.alerts.newest(limit=rounds))
    latencies.sort()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "commit_to_outbox_p50_ms": round(latencies[len(latencies) // 2] * 1000, 1),
        "commit_to_outbox_p99_ms": round(latencies[int(len(latencies) * 0.99)] * 1000, 1),
        "critical_told": told,
        "rss_growth_mb": round((after - before) / 1024),
    }


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


def _smoke() -> dict[str, float]:
    with (
        TemporaryDirectory(prefix="warmstation-bench-") as directory,
        Site(Path(directory), LOAD_STATIONS + SMOKES) as site,
    ):
        command = [sys.executable, "-m", "tests.bench.load", "--port", str(site.mqtt_port)]
        command += ["--stations", str(LOAD_STATIONS), "--rate", str(LOAD_PER_S)]
        command += ["--seconds", str(SMOKES * 0.25 + 10)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
            time.sleep(5)
            with closing(Registry.open(site.config.registry_url)) as registry:
                latencies = asyncio.run(_alarms(site.mqtt_port, registry))
            printed = running.communicate()[0]
    told = len(latencies)
    latencies = sorted(latencies) or [float("nan")]
    return {
        "smoke_load_reports_per_s": round(_per_s(printed)),
        "smoke_told": told,
        "smoke_publish_to_outbox_p50_ms": round(latencies[len(latencies) // 2] * 1000, 1),
        "smoke_publish_to_outbox_p99_ms": round(latencies[int(len(latencies) * 0.99)] * 1000, 1),
    }


def _per_s(printed: bytes) -> float:
    return float(json.loads(printed)["receipted_per_s"])


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
        topic = str(Topic(DISTRICT, name, Leaf.REPORT)).encode()
        link.publish(topic, number + 1, said.to_json())
        while not registry.alerts.newest(name, limit=1):
            await asyncio.sleep(0.005)
            if time.perf_counter() - began > _PATIENCE_S:
                return found  # the machine cannot take this load: `smoke_told` says so
        found.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 0.25 - (time.perf_counter() - began)))
    return found
