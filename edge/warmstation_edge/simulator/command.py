"""`warmstation-agent simulate`: a fleet of simulated stations with real agents, until SIGTERM."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from warmstation_edge.simulator import faults, province
from warmstation_edge.simulator.errors import BadFleet
from warmstation_edge.simulator.faults import Fault, FaultOrder
from warmstation_edge.simulator.fleet import ALL, NAMES, load
from warmstation_edge.simulator.ledger import Ledger
from warmstation_edge.simulator.parts import ordered
from warmstation_edge.simulator.plan import Fleet, StationPlan
from warmstation_edge.simulator.registry_file import registry_toml
from warmstation_edge.simulator.station import SimulatedStation, Site
from warmstation_edge.simulator.weather import Weather
from warmstation_edge.simulator.world import State, World
from warmstation_edge.threads import Threads
from warmstation_edge.uplink.pump import Pump

_log = logging.getLogger(__name__)
_OLDEST_STATE_S = 86_400
_CATCH_UP_S = 300.0
_BUS_THREADS = 4
"""Made only where a station has everything."""
_SPREAD_S = 2.0
"""All stations of a demo connect within this time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simulate`."""
    add = parser.add_argument
    add("--fleet", default="kunshan", metavar="NAME", help=f"{', '.join(NAMES)} or {ALL}")
    add("--stations", type=_positive, metavar="N", help="only the first N stations")
    add("--broker", type=_address, default=("127.0.0.1", 1883), metavar="HOST:PORT")
    add("--data-dir", type=Path, help="where the outboxes are kept; a temporary one if left out")
    add("--seconds", type=float, metavar="N", help="stop after this time; else on SIGTERM")
    add("--seed", default="1", help="the same seed gives the same weather and the same riders")
    add("--fault", action="append", default=[], metavar="ORDER", help=faults.USAGE)
    add("--ledger", type=Path, metavar="FILE", help="write what was measured and receipted")
    add("--world-state", type=Path, metavar="FILE", help="go on from a generated history")
    add("--print-registry", action="store_true", help="print the fleet for the server's import")


def run(arguments: argparse.Namespace) -> int:
    """Run the fleet; 0 after an orderly stop."""
    fleet = load(arguments.fleet)
    fleet = fleet.first(arguments.stations) if arguments.stations else fleet
    if arguments.print_registry:
        sys.stdout.write(registry_toml(fleet))
        return 0
    logging.getLogger("warmstation_edge.charge_point").setLevel(logging.ERROR)
    clock = province.TrueTime()
    worlds = _worlds(fleet, arguments, clock.now_s())
    with ExitStack() as stack:
        try:
            ledger = stack.enter_context(Ledger(arguments.ledger))
            if arguments.data_dir:
                arguments.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadFleet(f"{error.filename}: cannot be written ({error.strerror})") from None
        asked = _asked()  # before there is anything to leave behind
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="warmstation-")))
        data_dir = arguments.data_dir or temporary
        pump = Pump()
        site = Site(
            broker=arguments.broker,
            data_dir=data_dir,
            one_wire_dir=temporary / "one-wire",
            pump=pump,
            spread_s=_SPREAD_S,
            on_report=ledger.on_report,
            on_receipt=ledger.on_receipt,
            executor=stack.enter_context(Threads(_BUS_THREADS, "bus")),
        )
        stations = [SimulatedStation(world, site, arguments.seed) for world in worlds]
        pump.start()
        try:
            province.run(stations, _until(asked, arguments.seconds), clock, ledger)
        finally:
            pump.stop()
        _log.info("%d stations, %d reports measured", len(stations), ledger.measured)
    return 0


def faults_of(plan: StationPlan, orders: Sequence[FaultOrder], start_s: float) -> list[Fault]:
    """A station's standing faults and those that were ordered, in POSIX seconds."""
    ordered = [order.fault for order in orders if order.is_for(plan.id)]
    return [fault.after(start_s) for fault in (*plan.faults, *ordered)]


def _worlds(fleet: Fleet, arguments: argparse.Namespace, at_s: float) -> list[World]:
    orders = ordered(fleet, arguments.fault)
    states = _states(arguments.world_state)
    weathers: dict[str, Weather] = {}
    worlds = []
    for plan in fleet.stations:
        key = f"{arguments.seed}/{plan.district}"
        weather = weathers.setdefault(key, Weather(plan.climate, key))
        given = faults_of(plan, orders, at_s)
        worlds.append(brought_to(at_s, plan, arguments.seed, given, weather, states.get(plan.id)))
    return worlds


def brought_to(
    at_s: float,
    plan: StationPlan,
    seed: str,
    given: Sequence[Fault],
    weather: Weather,
    state: State | None,
) -> World:
    """The world at this moment: from a state up to a day old, what happened since is made up."""
    if state is None or not 0 <= at_s - state["at_s"] <= _OLDEST_STATE_S:
        return World(plan, at_s, seed, given, weather)
    world = World(plan, state["at_s"], seed, given, weather, state)
    while world.at_s < at_s:
        world.step(min(_CATCH_UP_S, at_s - world.at_s))
    return world


def _states(path: Path | None) -> dict[str, State]:
    if path is None:
        return {}
    try:
        states: dict[str, State] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadFleet(f"{path}: the world's state cannot be read ({error})") from None
    if not isinstance(states, dict) or not all("at_s" in one for one in states.values()):
        raise BadFleet(f"{path}: holds no world's state, as `warmstation generate` writes it")
    return states


def _asked() -> list[int]:
    """The signals to stop that have come from now on."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return asked


def _until(asked: Sequence[int], seconds: float | None) -> Callable[[], bool]:
    end_s = None if seconds is None else time.monotonic() + seconds
    return lambda: bool(asked) or (end_s is not None and time.monotonic() >= end_s)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, int(port)
