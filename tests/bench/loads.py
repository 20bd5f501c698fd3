"""One server under one load after the other: what is offered, all it takes, 80 % of that."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.bench import limits, yardstick
from tests.bench.site import Site

STATIONS = 1000
_SHARE = 0.8
_LOOK_S = 10.0


@dataclass(frozen=True, slots=True)
class Step:
    """One load: its name in the result, its rate and how long it lasts."""

    name: str
    rate: float
    seconds: float


OFFERED = {"1k": 1_000.0, "10k": 10_000.0, "max": 60_000.0}


class Loads:
    """What became of each, in `figures`; `published` is all together."""

    def __init__(self, site: Site) -> None:
        self.figures: dict[str, object] = {}
        self.published = 0
        self._site = site

    def run(self, seconds: float, minutes: float, long_rate: float = 0.0) -> None:
        """All of them; `minutes` of the last, at `long_rate` if given, with a look at memory."""
        for name, rate in OFFERED.items():
            most = self.step(Step(name, rate, seconds))
        rate = _SHARE * most
        self.step(Step("at_80_percent", rate, seconds))
        if minutes:
            with _memory(self._site) as samples:
                self.step(Step("long", long_rate or rate, 60 * minutes))
            self.figures |= _growth(samples, minutes)

    def step(self, step: Step) -> float:
        """One of them; how many a second came through."""
        unit = yardstick.measure()["yardstick_validate_us"]
        result = through(self._site, step, self.published)
        self.published += int(str(result["published"]))
        self.figures |= {f"{step.name}_{key}": value for key, value in result.items()}
        self.figures[f"{step.name}_yardstick_us"] = unit
        return float(str(result["reports_per_s"]))


def through(
    site: Site, step: Step, before: int, stations: int = STATIONS, broken_of: int = 1
) -> dict[str, object]:
    """One load, after `before` reports; what became of it, who was busy, and what limits."""
    began, spent = limits.moment(site.stages()), _cpu_s(site)
    arguments = {
        "--port": site.mqtt_port,
        "--stations": stations,
        "--rate": step.rate,
        "--seconds": step.seconds,
        "--before": before,
        "--broken-of": broken_of,
    }
    command = [sys.executable, "-m", "tests.bench.load"]
    command += [str(part) for pair in arguments.items() for part in pair]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    load: dict[str, Any] = json.loads(printed)
    site.check()
    if load["unreceipted"]:
        print(f"bench: {load['unreceipted']} without a receipt: {site.said()}", file=sys.stderr)
    after = limits.moment(site.stages())
    busy = limits.shares(began, after)
    busy["publisher"] = round(load["cpu_s"] / (after.at_s - began.at_s), 2)
    count = load["receipted"] or float("nan")
    found: dict[str, object] = {
        "published": int(load["published"]),
        "unreceipted": int(load["unreceipted"]),
        "reports_per_s": round(load["receipted_per_s"], 1),
        "p50_ms": round(load["p50_ms"], 1),
        "p99_ms": round(load["p99_ms"], 1),
    }
    for name, then in (_cpu_s(site)).items():
        found[f"{name}_cpu_us_per_report"] = round((then - spent[name]) / count * 1e6, 1)
    together = sum(_cpu_s(site).values()) - sum(spent.values())
    found["together_cpu_us_per_report"] = round(together / count * 1e6, 1)
    if len(load["p99_ms_by_minute"]) > 1:
        found["p99_ms_by_minute"] = load["p99_ms_by_minute"]
    found["publisher_cpu_us_per_report"] = round(load["cpu_s"] / count * 1e6, 1)
    return found | {"busiest_threads": busy, "limit": limits.limit(busy)}


def _cpu_s(site: Site) -> dict[str, float]:
    return {
        "server": site.cpu_s("server"),
        "intake_process": site.intake_cpu_s(),
        "broker": site.cpu_s("broker"),
        **site.others_cpu_s(),
    }


@contextmanager
def _memory(site: Site) -> Iterator[list[float]]:
    """Resident memory of the server's processes in MB, every few seconds."""
    samples: list[float] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(_LOOK_S):
            samples.append(round(site.rss_mb("server") + site.intake_rss_mb(), 1))

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield samples
    finally:
        stop.set()
        watching.join()


def _growth(samples: list[float], minutes: float) -> dict[str, object]:
    """The series, and means of its second and of its last quarter: caches fill in the first."""
    quarter = max(1, len(samples) // 4)
    second, last = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    found: dict[str, object] = {"memory_minutes": minutes, "memory_series_mb": samples}
    if samples:
        found["memory_second_quarter_mb"] = round(sum(second) / len(second), 1)
        found["memory_last_quarter_mb"] = round(sum(last) / len(last), 1)
    return found
