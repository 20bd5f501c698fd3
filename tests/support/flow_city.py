"""Real agents on a clock of their own, over a real network: the city of the flow tests.

Simulated time moves with every turn and never with the machine's clock: a slow machine makes a
slow test, not another one. While stations are connected a turn is short, so that a receipt's way
through broker and server stays small against the agents' patience.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.support.patience import eventually
from warmstation_edge.due import dangers
from warmstation_edge.measurement import Measurement
from warmstation_edge.simulator import faults
from warmstation_edge.simulator.faults import Fault, FaultName
from warmstation_edge.simulator.plan import Fleet
from warmstation_edge.simulator.station import SimulatedStation, Site
from warmstation_edge.simulator.world import World
from warmstation_edge.uplink.pump import Pump
from warmstation_wire import Receipt, Report, decode

START_S = datetime(2026, 11, 18, 3, 30, tzinfo=UTC).timestamp()
"""A Wednesday, 11:30 in China: people come and go."""
LIVE_S = 0.4
"""Simulated seconds of a turn while the network is up."""
FAST_S = 10.0
"""The same while nothing but the agents has to keep up."""
Key = tuple[str, str, int]


class City:
    """Stations of a fleet with ordered faults (`ks-songnan:network_cut@+10m/1h`), and all that
    they measured and heard."""

    def __init__(self, fleet: Fleet, site: Site, orders: Sequence[str]) -> None:
        self.fleet = fleet
        self.at_s = START_S
        self.orders = [faults.parse(order) for order in orders]
        self.stations = [
            SimulatedStation(World(plan, START_S, "1", self.faults_of(plan.id)), site, "1")
            for plan in fleet.stations
        ]

    def faults_of(self, station: str) -> list[Fault]:
        """What was ordered for a station, in POSIX seconds."""
        return [order.fault.after(START_S) for order in self.orders if order.is_for(station)]

    def live(self) -> None:
        """A short turn of every station."""
        self._turn(LIVE_S)

    def run(self, seconds: float, turn_s: float = FAST_S) -> None:
        """Let so much simulated time pass."""
        end_s = self.at_s + seconds
        while self.at_s < end_s:
            self._turn(min(turn_s, end_s - self.at_s))

    def until(self, happened: Callable[[], object], within_s: float = 300.0) -> None:
        """Live on until this is true; `within_s` are seconds of the machine."""
        eventually(happened, within_s, self.live)

    @property
    def passed_s(self) -> float:
        """Simulated seconds since the start."""
        return self.at_s - START_S

    @property
    def waiting(self) -> int:
        """Reports in all outboxes."""
        return sum(len(station.waiting) for station in self.stations)

    def _turn(self, seconds: float) -> None:
        self.at_s += seconds
        for station in self.stations:
            station.turn(self.at_s)


class Books:
    """What the agents measured and were told, written down as it happens.

    `measured`: every report that an outbox took, in order, as it goes on the wire.
    """

    def __init__(self) -> None:
        self.measured: dict[Key, Report] = {}
        self.receipted: set[Key] = set()

    def on_report(self, report: Report) -> None:
        """A report is in its outbox."""
        key = report.station, report.stream, report.seq
        assert key not in self.measured, f"{key} was used twice"
        self.measured[key] = decode(Report, report.to_json())

    def on_receipt(self, station: str, receipt: Receipt) -> None:
        """The server says that it has committed these."""
        for first, last in receipt.bounds():
            self.receipted |= {(station, receipt.stream, seq) for seq in range(first, last + 1)}

    def of(self, station: str) -> list[Report]:
        """What one station measured, in order."""
        return [report for report in self.measured.values() if report.station == station]


@contextmanager
def city(
    fleet: Fleet, mqtt_port: int, directory: Path, orders: Sequence[str] = ()
) -> Iterator[tuple[City, Books]]:
    """A running city; its agents are stopped in order afterwards."""
    books, pump = Books(), Pump()
    site = Site(
        broker=("127.0.0.1", mqtt_port),
        data_dir=directory,
        one_wire_dir=directory / "one-wire",
        pump=pump,
        spread_s=0.5,
        on_report=books.on_report,
        on_receipt=books.on_receipt,
    )
    directory.mkdir()
    found = City(fleet, site, orders)
    pump.start()
    try:
        yield found, books
    finally:
        for station in found.stations:
            station.stop()
        pump.stop()


def power_cuts(found: City, station: str) -> list[float]:
    """When the power of a station went away, POSIX seconds."""
    given = found.faults_of(station)
    return [fault.start_s for fault in given if fault.name is FaultName.POWER_CUT]


def urgent(reports: Sequence[Report]) -> set[Key]:
    """The reports of one station that tell of a danger which the one before did not."""
    found, before, stream = set(), set[str](), ""
    for report in reports:
        now = set(dangers(_measurement(report)))
        if now - (before if report.stream == stream else set()):
            found.add((report.station, report.stream, report.seq))
        before, stream = now, report.stream
    return found


def _measurement(report: Report) -> Measurement:
    """What of it a report tells; the rest (a scale's raw counts) stays at the station."""
    names = Measurement.__dataclass_fields__.keys() & Report.model_fields.keys()
    return Measurement(**{name: getattr(report, name) for name in names})
