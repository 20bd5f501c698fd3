"""History of a fleet at the speed of arithmetic: the live worlds, stepped coarsely.

The demo calls `histories`: each station is stepped in a worker process, which hands its reports
(as plain values) to `keep` there and returns what `keep` made of them, with the world's state for
the live start.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Generic, TypeVar

from warmstation_edge.simulator.instant import Instant
from warmstation_edge.simulator.plan import Fleet, StationPlan
from warmstation_edge.simulator.weather import Climate, Weather
from warmstation_edge.simulator.world import State, World
from warmstation_wire import Report
from warmstation_wire.plain import Plain, report_of

T = TypeVar("T")

STEP_S = 300
"""Reports five minutes apart count for all the time between them (history.HOLD)."""
_WARM_UP_STEPS = 288
"""One day that is not reported: room and shelf forget how they began."""


@dataclass(frozen=True, slots=True)
class Span:
    """What is generated: reports with start < measured_at <= end, STEP_S apart."""

    end: datetime
    days: int
    seed: str = "1"

    @property
    def reports(self) -> int:
        """Reports of a station that was never without power."""
        return self.days * 86_400 // STEP_S


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """One station's history as `keep` made it, and the state in which its world ended."""

    station: str
    district: str
    kept: T
    state: State


def history(plan: StationPlan, span: Span) -> Iterator[Report]:
    """One station's reports, rising; nothing while a standing fault had cut its power."""
    return map(report_of, plain_reports(plan, span, _world(plan, span)))


def plain_reports(plan: StationPlan, span: Span, world: World) -> Iterator[Plain]:
    """The same as plain values, from a world at hand, which ends at the span's end."""
    for _ in range(_WARM_UP_STEPS):
        world.step(STEP_S)
    world.crowd.entered, world.crowd.left = world.crowd.inside, 0
    for point in world.points:
        point.energy_wh = 0.0
    instant = Instant(plan, stream_of(plan, span))
    for number in range(1, span.reports + 1):
        world.step(STEP_S)
        report = instant.report(world, float(number * STEP_S))
        if report is not None:
            yield report


def histories(
    fleet: Fleet,
    span: Span,
    keep: Callable[[StationPlan, Iterable[Plain]], T],
    processes: int = 2,
) -> Generator[Made[T], None, None]:
    """All stations as they are finished, in any order. `keep` must be a function of a module."""
    work = partial(_made, span=span, keep=keep)
    if processes <= 1:
        yield from map(work, fleet.stations)
        return
    # Spawned: a forked child would inherit the threads' locks of whoever draws a progress bar.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, initializer=_leave_ctrl_c_alone) as pool:
        try:
            for future in as_completed([pool.submit(work, plan) for plan in _longest_first(fleet)]):
                yield future.result()
        finally:  # who asked may want no more of it
            pool.shutdown(wait=False, cancel_futures=True)


def _leave_ctrl_c_alone() -> None:
    """A terminal sends it to all processes; the one that asked for the histories decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stream_of(plan: StationPlan, span: Span) -> str:
    """The stream of a generated history: the same whenever the same is generated again."""
    text = f"{plan.id}/{span.seed}/{span.end.isoformat()}/{span.days}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _made(
    plan: StationPlan, span: Span, keep: Callable[[StationPlan, Iterable[Plain]], T]
) -> Made[T]:
    world = _world(plan, span)
    kept = keep(plan, plain_reports(plan, span, world))
    return Made(plan.id, plan.district, kept, world.state())


def _world(plan: StationPlan, span: Span) -> World:
    end_s = span.end.timestamp()
    begin = span.end - timedelta(days=span.days, seconds=STEP_S * _WARM_UP_STEPS)
    faults = [fault.after(end_s) for fault in plan.faults]
    weather = _weather(plan.climate, f"{span.seed}/{plan.district}")
    return World(plan, begin.timestamp(), span.seed, faults, weather)


@cache
def _weather(climate: Climate, seed: str) -> Weather:
    """One for all stations of a city in this process."""
    return Weather(climate, seed)


def _longest_first(fleet: Fleet) -> Sequence[StationPlan]:
    return sorted(fleet.stations, key=lambda plan: -plan.visits_per_day)
