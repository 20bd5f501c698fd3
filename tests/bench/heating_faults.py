"""The labelled troubles that the bench puts into a winter, and which names are right for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.bench.heating_world import World

Break = Callable[[World], None]


def _no_heat(world: World) -> None:
    world.trouble.heat_share = world.trouble.power_share = 0.0


def _half_heat(world: World) -> None:
    world.trouble.heat_share = world.trouble.power_share = 0.5


def _stuck_on(world: World) -> None:
    world.trouble.stuck_on = True


def _overheat(world: World) -> None:
    world.trouble.overheat = 1.8


def _setpoint(world: World) -> None:
    world.trouble.setpoint_k = -4.0


def _door_open(world: World) -> None:
    world.trouble.door_share = world.rng.uniform(0.3, 1.0)


def _closed(world: World) -> None:
    world.trouble.closed = True


def _power_lost(world: World) -> None:
    world.trouble.dead = True


def _sensor_stuck(world: World) -> None:
    world.trouble.frozen = True


def _disconnected(world: World) -> None:
    world.trouble.disconnected = True


def _moved(world: World) -> None:
    world.trouble.moved_k = world.rng.choice([-1, 1]) * world.rng.uniform(1.5, 3.0)
    world.trouble.moved_tau = world.rng.uniform(0.6, 1.8)


def _detached(world: World) -> None:
    world.trouble.detached = True


FAULTS: Mapping[str, tuple[Break, frozenset[str]]] = {
    "no_heat": (_no_heat, frozenset({"no_heat"})),
    "half_heat": (_half_heat, frozenset({"weak_heat"})),
    "stuck_on": (_stuck_on, frozenset({"stuck_on"})),
    "overheat": (_overheat, frozenset({"overheat"})),
    "setpoint": (_setpoint, frozenset({"setpoint"})),
    "door_open": (_door_open, frozenset({"door_open"})),
    "closed": (_closed, frozenset({"closed"})),
    "power_lost": (_power_lost, frozenset({"power_lost"})),
    "sensor_stuck": (_sensor_stuck, frozenset({"sensor_stuck"})),
    "disconnected": (_disconnected, frozenset({"sensor_fault"})),
    "moved": (_moved, frozenset({"sensor_moved"})),
    "detached": (_detached, frozenset({"outlet_detached"})),
}
