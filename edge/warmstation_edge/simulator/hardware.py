"""A world as the sensors of one station show it: pins, volts and 1-Wire files of a mock board.

The way in is the contactor outputs, which the agent drives. Instrument faults live here; the
world goes on behind them.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Mapping

from warmstation_edge.profile import EbikePoint, Profile
from warmstation_edge.sensors import levels
from warmstation_edge.sensors.mock import MockBoard
from warmstation_edge.simulator.doorstep import Doorstep, Shade
from warmstation_edge.simulator.faults import FaultName
from warmstation_edge.simulator.riders import Crossing
from warmstation_edge.simulator.wiring import EMPTY_V, FULL_V
from warmstation_edge.simulator.world import World

_PROBE_S = 2.0
_VOLTS_S = 0.5
_PROBE_NOISE_K = 0.02
Active = Mapping[FaultName, str | None]


class Hardware:
    """Shows one world on one board. Times are POSIX seconds; `boot_s` is the board's zero."""

    def __init__(
        self, board: MockBoard, profile: Profile, boot_s: float, rng: random.Random
    ) -> None:
        self._board = board
        self.profile = profile
        self.boot_s = boot_s
        self._rng = rng
        self._doorstep = Doorstep(rng)
        self._shades: deque[Shade] = deque()
        self._pins: dict[int, bool | None] = {}
        self._volts_at_s = self._probes_at_s = 0.0
        self._cut: str | None = None

    def show(self, world: World, crossings: list[Crossing]) -> None:
        """Bring every sensor to what the world is now."""
        active = world.faults.active(world.at_s)
        self._cut = None
        if FaultName.SENSOR_DISCONNECTED in active:
            self._cut = active[FaultName.SENSOR_DISCONNECTED] or "room"
        for crossing in crossings:
            self._shades.extend(self._doorstep.passage(crossing.at_s, crossing.inward))
        self._show_beams(world.at_s, active)
        self._show_contacts(world, active)
        self._obey_contactors(world)
        if world.at_s >= self._volts_at_s:
            self._volts_at_s = world.at_s + _VOLTS_S
            self._show_volts(world)
        if world.at_s >= self._probes_at_s:
            self._probes_at_s = world.at_s + _PROBE_S
            self._show_probes(world, active)

    def _show_beams(self, at_s: float, active: Active) -> None:
        door = self.profile.door
        if door is None:
            self._shades.clear()
            return
        pins = {"outer": door.outer_beam_pin, "inner": door.inner_beam_pin}
        blocked = active.get(FaultName.BEAM_BLOCKED) or "outer"
        is_blocked = FaultName.BEAM_BLOCKED in active
        while self._shades and self._shades[0].at_s <= at_s:
            shade = self._shades.popleft()
            if not (is_blocked and shade.beam == blocked):
                self._drive(pins[shade.beam], shade.interrupted, "door", shade.at_s)
        for name, pin in pins.items():
            if is_blocked and name == blocked:
                self._drive(pin, levels.INTERRUPTED, "door")
            elif not self._shades:
                self._drive(pin, not levels.INTERRUPTED, "door")

    def _show_contacts(self, world: World, active: Active) -> None:
        profile, doorstep = self.profile, self._doorstep
        if profile.door is not None and profile.door.contact_pin is not None:
            is_open = world.at_s < doorstep.open_until_s or FaultName.DOOR_HELD_OPEN in active
            self._drive(profile.door.contact_pin, is_open is levels.DOOR_OPEN, "door")
        if profile.presence is not None:
            is_present = world.crowd.inside > 0
            self._drive(profile.presence.pin, is_present is levels.PRESENT, "presence")
        if profile.smoke is not None:
            is_smoky = FaultName.SMOKE in active
            self._drive(profile.smoke.pin, is_smoky is levels.SMOKE, "smoke")
        if profile.heater is not None:
            is_called = world.heater.is_calling  # a welded relay heats without
            self._drive(profile.heater.on_pin, is_called is levels.HEATER_ON, "heater")

    def _obey_contactors(self, world: World) -> None:
        for point in self._ebikes():
            is_closed = self._board.level(point.contactor_pin) is levels.DRIVE_CLOSED
            if world.point(point.id).is_closed is not is_closed:
                world.point(point.id).is_closed = is_closed
                self._volts_at_s = world.at_s  # the current begins and ends with the contact
            self._drive(point.feedback_pin, is_closed is levels.CONTACTOR_CLOSED, point.id)

    def _show_volts(self, world: World) -> None:
        heater = self.profile.heater
        if heater is not None and heater.channel is not None:
            self._board.set_volts(heater.channel, world.heater_w / heater.watts_per_volt)
        for charger in self.profile.chargers:
            power_w = world.point(charger.id).power_w
            if charger.channel is not None and charger.watts_per_volt is not None:
                self._board.set_volts(charger.channel, power_w / charger.watts_per_volt)
        for supply in self.profile.supplies:
            if supply.channel is not None:
                level = world.shelf.levels.get(supply.item, 0.0)
                self._board.set_volts(supply.channel, EMPTY_V + level * (FULL_V - EMPTY_V))

    def _show_probes(self, world: World, active: Active) -> None:
        stuck = _part(active, FaultName.SENSOR_STUCK)
        powered_on = _part(active, FaultName.SENSOR_85)
        for name, probe, celsius in self._celsius(world):
            if name == self._cut:
                self._board.unplug_probe(probe)
            elif name == powered_on:
                self._board.power_on_probe(probe)
            elif name != stuck:
                self._board.set_celsius(probe, celsius + self._rng.gauss(0, _PROBE_NOISE_K))

    def _celsius(self, world: World) -> Iterator[tuple[str, str, float]]:
        one_wire = self.profile.one_wire
        if one_wire is None:
            return
        if one_wire.room:
            yield "room", one_wire.room, world.room.air_c
        if one_wire.outlet:
            yield "outlet", one_wire.outlet, world.heater.outlet_c
        if one_wire.outdoor:
            yield "outdoor", one_wire.outdoor, world.outdoor_c
        for point in self._ebikes():
            yield f"{point.id}.probe", point.probe, world.point(point.id).probe_c

    def _ebikes(self) -> Iterator[EbikePoint]:
        return (charger for charger in self.profile.chargers if charger.kind == "ebike")

    def _drive(self, pin: int, high: bool, sensor: str, at_s: float | None = None) -> None:
        """Put a level on a pin; a cut wire goes where its pull resistor pulls it."""
        level = None if sensor == self._cut else high
        if self._pins.get(pin, ...) == level:
            return
        self._pins[pin] = level
        if level is None:
            self._board.cut(pin)
        else:
            self._board.drive(pin, level, None if at_s is None else at_s - self.boot_s)


def _part(active: Active, name: FaultName) -> str | None:
    return (active[name] or "room") if name in active else None
