"""`warmstation-agent run`: a real station from its profile, until SIGTERM or SIGINT.

The composition root of a Pi: `__main__` calls it, nothing else does.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path
from random import Random
from types import FrameType
from typing import Protocol

from warmstation_edge.agent import Agent
from warmstation_edge.clock import SystemClock
from warmstation_edge.counters import Counters
from warmstation_edge.doubt import DoubtingClock
from warmstation_edge.notify import Notify
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import Profile, read
from warmstation_edge.sampler import Sampler
from warmstation_edge.sensors.build import build
from warmstation_edge.threads import Threads
from warmstation_edge.uplink.connect import connect
from warmstation_edge.uplink.pump import Pump
from warmstation_wire import WarmstationError

_log = logging.getLogger(__name__)
TURN_S = 0.25
_SLOW_SENSORS = 40
"""Threads for slow sensors at most, made as needed: 750 ms for a DS18B20 (datasheet), and one that
hangs for good holds its own thread. A 1-Wire bus that hangs holds one a probe: meters, I2C and the
host have theirs all the same. The unit's TasksMax= is above."""


def run(config: Path) -> int:
    """Run the station of this profile; 0 after an orderly stop."""
    profile, pump = read(config), Pump()
    stop = _Stop()
    with ExitStack() as stack:
        stack.callback(pump.stop)
        executor = stack.enter_context(Threads(_SLOW_SENSORS, "sensor"))
        clock = DoubtingClock(SystemClock(executor=executor))
        clock.quality()  # a battery clock is asked now, and has answered by the first report
        card = stack.enter_context(Threads(1, "card"))
        agent = station(profile, clock, pump, executor, card)
        stack.callback(agent.stop)
        pump.start()
        turn_until(stop, agent, Notify(), time.monotonic, time.sleep)
    return 0


def station(
    profile: Profile, clock: DoubtingClock, pump: Pump, executor: Executor, card: Executor
) -> Agent:
    """The agent of a profile on this machine's own pins; NoBoard where it has none. `card` has one
    thread: what is written there is written in order."""
    outbox = Outbox(profile.station.id, profile.outbox, clock, card)
    clock.memory = outbox.notes
    try:
        uplink = connect(profile, outbox, pump, clock, Random())  # noqa: S311  # for jitter only
        sensors = build(profile, clock, executor)
        sampler = Sampler(profile, sensors, clock, counters(outbox), outbox.notes.charges())
    except WarmstationError:
        outbox.close(outbox.counters or {})  # nothing was measured: the stream goes on
        raise
    return Agent(profile.report, sampler, outbox, uplink, clock)


def counters(outbox: Outbox) -> Counters | None:
    """What the sampler goes on from; None where a new stream begins."""
    return None if outbox.counters is None else Counters.model_validate(outbox.counters)


class Turning(Protocol):
    """What can have its turn."""

    def turn(self) -> None:
        """Sample, report, write, send, obey."""
        ...


class Stop(Protocol):
    """Whether somebody wants an end."""

    @property
    def is_asked(self) -> bool:
        """Now or before."""
        ...


def turn_until(
    stop: Stop,
    agent: Turning,
    notify: Notify,
    monotonic: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    """Turn until asked to stop; systemd hears that all is well only after a turn is done."""
    agent.turn()
    notify.ready()
    alive_at = 0.0
    while not stop.is_asked:
        agent.turn()
        now = monotonic()
        if now >= alive_at:
            notify.alive()
            alive_at = now + notify.every_s
        sleep(TURN_S)
    notify.stopping()


class _Stop:
    """Remembers that SIGTERM or SIGINT came; a plain flag, safe in a signal handler."""

    def __init__(self) -> None:
        self.is_asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.is_asked = True
