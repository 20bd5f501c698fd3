"""Every fault that a demo can be given: told once, by its name, within its time. The demo's worlds
at the speed of arithmetic: days of history that the watch has learned from, then minute by minute.
(`socket_dead` takes days: see `test_watch`.)
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from tests.support.registered import FixedPlaces, of_plan
from warmstation_edge.simulator import faults
from warmstation_edge.simulator.faults import FaultName
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.generate import STEP_S
from warmstation_edge.simulator.instant import Instant
from warmstation_edge.simulator.world import World
from warmstation_server.alerts import rules
from warmstation_server.alerts.dry_run import DryRun
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import Received
from warmstation_server.roster import Roster
from warmstation_wire.plain import Plain, report_of

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
"""A Friday, 12:00 in China: all of these are open, or open now."""
MINUTE = timedelta(minutes=1)
_PROBE_NOISE_K = 0.02
_GOES_ON_MIN = 20
"""So long after it was told: it is not told again, nor anything else."""


class Station:
    """One of the demo's, whose reports go through the watch and the shipped rules."""

    def __init__(self, name: str, days: int) -> None:
        plan = next(one for one in load("kunshan").stations if one.id == name)
        self.plan = replace(plan, faults=())
        self.roster = Roster(FixedPlaces(of_plan(plan)))
        self.roster.refresh()
        self.watch = Watch(self.roster)
        begin_s = (NOON - timedelta(days=days)).timestamp()
        self.world = World(self.plan, begin_s, "1")
        self.instant = Instant(self.plan, "past")
        self.noise = random.Random(1)
        while self.world.at_s < NOON.timestamp():
            self.step(STEP_S, None)
        list(self.watch.conditions({name}, NOON))

    def broken(self, order: str) -> Station:
        """The same station from now on, with a fault; what was learned comes from its state."""
        other = copy.copy(self)
        other.world, other.noise = copy.deepcopy((self.world, self.noise))
        state = self.watch.state(self.plan.id)
        assert state is not None
        other.watch = Watch(self.roster)
        other.watch.resume(self.plan.id, state)
        fault = faults.parse(f"{self.plan.id}:{order}").fault.after(NOON.timestamp())
        other.world.faults = faults.FaultPlan([fault])
        other.instant = Instant(self.plan, "live")
        return other

    def step(self, seconds: float, fault: FaultName | None) -> datetime:
        """Moves on; what is reported then comes at once, where it comes."""
        if fault is FaultName.SMOKE:
            for point in self.world.points:
                point.is_closed = False  # the agent's doing, at once
        self.world.step(seconds)
        at = datetime.fromtimestamp(self.world.at_s, UTC)
        plain = self.instant.report(self.world, 60.0)
        if plain is not None and fault is not FaultName.NETWORK_CUT:
            plain = self._shown(plain, fault)
            self.watch.after_reports([Received(report_of(plain), self.plan.district, at)])
        return at

    def _shown(self, plain: Plain, fault: FaultName | None) -> Plain:
        """What only boards and agents do: noise of the probes, one that repeats itself, a clock."""
        climate = dict(plain["climate"])
        for key in ("room_c", "outlet_c"):
            if climate[key] is not None:
                climate[key] = round(climate[key] + self.noise.gauss(0.0, _PROBE_NOISE_K), 2)
        if fault is FaultName.SENSOR_STUCK:
            climate["room_c"] = 20.0
        if fault is FaultName.CLOCK_1970:
            at = datetime.fromtimestamp(plain["measured_at"].timestamp() % 86_400.0, UTC)
            plain = plain | {"clock": "unsynced", "measured_at": at}
        if fault is FaultName.EBIKE_OVERHEAT:
            plain = plain | {"faults": ({"sensor": "e1", "reason": "overheat"},)}
        return plain | {"climate": climate}


@cache
def learned(name: str) -> Station:
    """Days enough to know it; the others are as strange as to a server that was just started."""
    return Station(name, 6 if name == "ks-songnan" else 1)


def fired(here: Station, name: FaultName, minutes: int) -> Iterator[tuple[str, str, float]]:
    """(rule, subject, minutes after the begin) of each alert, until some time after the first."""
    trial = DryRun(here.roster, rules.load(), NOON)
    seen, until = 0, float(minutes)
    while here.world.at_s < NOON.timestamp() + 60.0 * until:
        at = here.step(60.0, name)
        trial.take(list(here.watch.conditions({here.plan.id}, at)), at)
        new = trial.transitions[seen:]
        hidden = {one.alert_id for one in new if one.kind == "inhibited"}
        for one in new:
            if one.kind == "firing" and one.alert_id not in hidden:
                until = min(until, (at - NOON) / MINUTE + _GOES_ON_MIN)
                yield one.name, one.subject, (at - NOON) / MINUTE
        seen = len(trial.transitions)


TOLD = [
    ("ks-songnan:heater_dead", "heating.no_heat", 30),
    ("ks-songnan:heater_weak", "heating.weak_heat", 90),
    ("ks-songnan:heater_stuck_on", "heating.stuck_on", 45),
    ("ks-dengyuan:heater_stuck_on", "heating.stuck_on", 45),
    ("ks-songnan:door_held_open", "heating.door_open", 20),
    ("ks-qinfeng:door_held_open", "heating.door_open", 20),
    ("ks-songnan:locked", "heating.closed", 240),
    ("ks-songnan:water_empty", "supplies.empty", 20),
    ("ks-songnan:ebike_overheat", "chargers.overheat", 5),
    ("ks-songnan:smoke", "safety.smoke", 2),
    ("ks-songnan:sensor_stuck", "heating.sensor_stuck", 60),
    ("ks-songnan:sensor_disconnected", "station.sensor", 20),
    ("ks-songnan:sensor_85", "station.sensor", 20),
    ("ks-songnan:beam_blocked", "station.sensor", 20),
    ("ks-songnan:power_cut", "station.offline", 30),
    ("ks-songnan:network_cut", "station.offline", 30),
    ("ks-songnan:clock_1970", "station.clock", 150),
]


@pytest.mark.parametrize(("order", "rule", "within_min"), TOLD)
def test_fault_of_the_demo_is_told_once_by_its_name_in_time(
    order: str, rule: str, within_min: int
) -> None:
    where, _, fault = order.partition(":")
    name = FaultName(fault)
    told = list(fired(learned(where).broken(fault), name, within_min))
    is_supply = rule.startswith("supplies.")  # they run low by themselves, too
    of_it = [what for what, _, _ in told if is_supply or not what.startswith("supplies.")]
    assert of_it == [rule], told
