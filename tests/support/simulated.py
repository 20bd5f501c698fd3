"""A simulated station with a real agent and no network, moved on by tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warmstation_edge.simulator import faults
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.plan import StationPlan
from warmstation_edge.simulator.station import SimulatedStation, Site
from warmstation_edge.simulator.world import World
from warmstation_edge.uplink.pump import Pump
from warmstation_wire import Receipt, Report

NOON_S = datetime(2026, 11, 18, 4, tzinfo=UTC).timestamp()
"""A Wednesday, 12:00 in China."""


def plan(**changes: Any) -> StationPlan:
    """ks-songnan, which has every sensor, 6 phone sockets and 4 e-bike points; no faults."""
    found = next(one for one in load("kunshan").stations if one.id == "ks-songnan")
    return replace(found, **changes)


def world(at_s: float = NOON_S, seed: str = "1", *orders: str, **changes: Any) -> World:
    """Its world, with faults that count from `at_s`."""
    given = [faults.parse(f"ks-songnan:{order}").fault.after(at_s) for order in orders]
    return World(plan(**changes), at_s, seed, given)


class Bench:
    """A running station, its reports and its receipts; time moves by `run`."""

    def __init__(self, station: SimulatedStation, reports: list[Report]) -> None:
        self.station = station
        self.reports = reports
        self.at_s = station.world.at_s

    @property
    def last(self) -> Report:
        """The newest report."""
        return self.reports[-1]

    def run(self, seconds: float, turn_s: float = 0.25) -> None:
        """Turn the station until so much later."""
        for _ in range(round(seconds / turn_s)):
            self.at_s += turn_s
            self.station.turn(self.at_s)

    def reasons(self) -> dict[str, str]:
        """Faults of the newest report: sensor -> reason."""
        return {fault.sensor: fault.reason for fault in self.last.faults or ()}


@contextmanager
def bench(folder: Path, at: World, answer_s: float = 5.0) -> Iterator[Bench]:
    """A station that nobody listens to: its pump never runs. A busy machine's meters may take
    long; who has silent ones says how short their time is.
    """
    reports: list[Report] = []
    receipts: list[tuple[str, Receipt]] = []
    pump = Pump()
    site = Site(
        broker=("127.0.0.1", 1),
        data_dir=folder,
        one_wire_dir=folder / "one-wire",
        pump=pump,
        spread_s=3600.0,
        on_report=reports.append,
        on_receipt=lambda station, receipt: receipts.append((station, receipt)),
        answer_s=answer_s,
    )
    station = SimulatedStation(at, site, "1")
    pump.start()
    try:
        yield Bench(station, reports)
    finally:
        station.stop()
        pump.stop()
