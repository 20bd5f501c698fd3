"""A simulated station: a world, a mock board that shows it, and a real agent that cannot tell.

`turn` moves all three on. A power cut drops the agent where it stands and boots a new one on the
same outbox file afterwards; a network cut only unplugs it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from warmstation_edge.agent import Agent
from warmstation_edge.counters import Counters
from warmstation_edge.outbox import Outbox
from warmstation_edge.sampler import Sampler
from warmstation_edge.sensors.build import Sensors, build
from warmstation_edge.sensors.mock import MockBoard
from warmstation_edge.sensors.serial_line import ANSWER_S
from warmstation_edge.simulator.buses import Buses
from warmstation_edge.simulator.faults import FaultName
from warmstation_edge.simulator.hardware import Hardware
from warmstation_edge.simulator.riders import Crossing
from warmstation_edge.simulator.station_clock import StationClock
from warmstation_edge.simulator.wiring import profile_of
from warmstation_edge.simulator.world import World
from warmstation_edge.threads import Inline
from warmstation_edge.uplink.connect import connect
from warmstation_edge.uplink.pump import Pump
from warmstation_wire import Receipt, Report


@dataclass(frozen=True, slots=True)
class Site:
    """What all stations of a simulation share. `data_dir` holds the outboxes, `spread_s` keeps
    stations from connecting all at once; `on_report` and `on_receipt` hear of everything;
    `executor` asks what hangs on a real line of its own, and may take its time; `answer_s`: how
    long a meter may, whose far end is a thread here."""

    broker: tuple[str, int]
    data_dir: Path
    one_wire_dir: Path
    pump: Pump
    spread_s: float
    on_report: Callable[[Report], None]
    on_receipt: Callable[[str, Receipt], None]
    executor: Executor = field(default_factory=Inline)
    answer_s: float = ANSWER_S


@dataclass(slots=True)
class _Machine:
    """A powered board with its agent."""

    clock: StationClock
    board: MockBoard
    hardware: Hardware
    outbox: Outbox
    agent: Agent
    sensors: Sensors
    is_unplugged: bool = False


class SimulatedStation:
    """One station. All times are true POSIX seconds."""

    def __init__(self, world: World, site: Site, seed: str) -> None:
        self.world = world
        self._site = site
        self._rng = random.Random(f"{seed}/{world.plan.id}/machine")  # noqa: S311 - a simulation
        self._machine: _Machine | None = None
        self._has_booted = False
        self._buses = Buses(self._rng) if world.plan.equipment == "full" else None

    @property
    def is_powered(self) -> bool:
        """Whether an agent runs here now."""
        return self._machine is not None

    @property
    def waiting(self) -> list[int]:
        """Numbers of reports that the running agent still keeps."""
        return self._machine.outbox.backlog() if self._machine else []

    def turn(self, at_s: float) -> None:
        """Move the world to this moment, show it to the sensors, let the agent have its turn."""
        crossings = self.world.step(max(0.0, at_s - self.world.at_s))
        active = self.world.faults.active(at_s)
        if FaultName.POWER_CUT in active:
            self._cut_power()
            return
        machine = self._machine or self._boot(at_s)
        machine.clock.at_s = at_s
        machine.clock.is_1970 = FaultName.CLOCK_1970 in active
        _plug(machine, FaultName.NETWORK_CUT in active)
        self._show(machine.hardware, machine.board, crossings)
        machine.agent.turn()

    def deliver(self, at_s: float) -> None:
        """Measure nothing more, but let receipts come in for what is under way."""
        if self._machine is not None:
            self._machine.clock.at_s = at_s
            self._machine.agent.deliver()

    def stop(self) -> None:
        """Stop in order, as SIGTERM does."""
        if self._machine is not None:
            self._machine.agent.stop()
            self._machine.board.close()
            self._machine = None
        if self._buses is not None:
            self._buses.close()

    def _cut_power(self) -> None:
        """No goodbye and nothing written; the contactors fall open."""
        if self._machine is None:
            return
        self._machine.agent.abandon()
        self._machine.board.close()
        for bus in self._machine.sensors.buses.own():
            bus.close()  # nobody is left who holds the port
        self._machine = None
        for point in self.world.points:
            point.is_closed = point.kind != "ebike"

    def _boot(self, at_s: float) -> _Machine:
        plan, site = self.world.plan, self._site
        clock = StationClock(at_s)
        one_wire = site.one_wire_dir / plan.id
        port = self._buses.line.port if self._buses else None
        file = site.data_dir / f"{plan.id}.db"
        profile = profile_of(plan, site.broker, file, one_wire, port, site.answer_s)
        board = MockBoard(profile, one_wire, ticks=clock.monotonic)
        hardware = Hardware(board, profile, at_s, self._rng)
        if self._buses is not None:
            self._buses.wire(profile)
        self._show(hardware, board, [])  # the sensors were there before the agent looks
        i2c = self._buses.i2c if self._buses else None
        executor = site.executor if self._buses else Inline()
        sensors = build(profile, clock, executor, board.factory, one_wire, i2c)
        outbox = Outbox(plan.id, profile.outbox, clock)
        spread_s = 0.0 if self._has_booted else site.spread_s
        uplink = connect(
            profile,
            outbox,
            site.pump,
            clock,
            self._rng,
            spread_s,
            on_receipt=lambda receipt: site.on_receipt(plan.id, receipt),
        )
        counters = self._counters(outbox)
        sampler = Sampler(profile, sensors, clock, counters, outbox.notes.charges())
        agent = Agent(profile.report, sampler, outbox, uplink, clock, True, site.on_report)
        self._has_booted = True
        self._machine = _Machine(clock, board, hardware, outbox, agent, sensors)
        return self._machine

    def _show(self, hardware: Hardware, board: MockBoard, crossings: list[Crossing]) -> None:
        hardware.show(self.world, crossings)
        if self._buses is not None:
            self._buses.show(self.world, crossings, board, hardware.profile, hardware.boot_s)

    def _counters(self, outbox: Outbox) -> Counters | None:
        """A new stream in a running world: the agent is told once who is inside, as an installer
        does; after a power cut it has to find out by itself."""
        if outbox.counters is not None:
            return Counters.model_validate(outbox.counters)
        return None if self._has_booted else Counters(inside=self.world.crowd.inside)


def _plug(machine: _Machine, is_cut: bool) -> None:
    if is_cut and not machine.is_unplugged:
        machine.agent.unplug()
    elif machine.is_unplugged and not is_cut:
        machine.agent.plug()
    machine.is_unplugged = is_cut
