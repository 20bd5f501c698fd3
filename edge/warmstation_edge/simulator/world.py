"""One station's world: weather, room, heater, people, chargers and shelf, moved on together.

Pure: time comes in steps, chance from a seed, and nothing is read or written. A step may be a
quarter of a second (live) or five minutes (history); what happens keeps its exact moment.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from warmstation_edge.simulator.chargers import ChargingPoint
from warmstation_edge.simulator.faults import Fault, FaultName, FaultPlan
from warmstation_edge.simulator.heater import FROST_GUARD_C, Heater
from warmstation_edge.simulator.hours import PostedHours
from warmstation_edge.simulator.plan import StationPlan
from warmstation_edge.simulator.plugging import plug_in, plugged_in, revived
from warmstation_edge.simulator.riders import Crossing, Crowd
from warmstation_edge.simulator.room import Room, Shell
from warmstation_edge.simulator.shelf import Shelf
from warmstation_edge.simulator.weather import Weather

State = dict[str, Any]
"""What one moment hands to the next run, as JSON would have it."""

PREHEAT_S = 90 * 60
_PERSON_W = 95.0
_DOOR_S = 4.0
"""How long one passage keeps the door open."""
_IDLE_W = 60.0
"""Lamp, dispenser and router."""


class World:
    """A station as it really is; sensors see it through `hardware.py`."""

    def __init__(
        self,
        plan: StationPlan,
        at_s: float,
        seed: str,
        faults: Sequence[Fault] = (),
        weather: Weather | None = None,
        state: State | None = None,
    ) -> None:
        self.plan = plan
        self.at_s = at_s
        self.faults = FaultPlan(faults)
        self._rng = random.Random(f"{seed}/{plan.id}/{at_s:.0f}")  # noqa: S311 - a simulation
        self._weather = weather or Weather(plan.climate, f"{seed}/{plan.district}")
        self._hours = PostedHours(plan.hours)
        self.outdoor_c = self._weather.outdoor_c(at_s)
        start_c = max(self.outdoor_c + 8, 11.0)
        self.room = Room(Shell.of_area(plan.area_m2), start_c, start_c - 4)
        self.heater = Heater(plan.heater, start_c)
        self.crowd = Crowd(
            self._hours, plan.rhythm, plan.visits_per_day, plan.capacity, at_s, self._rng
        )
        self.points = _points(plan, self.outdoor_c)
        self._marked: Mapping[FaultName, str | None] | None = None
        self._points = {point.id: point for point in self.points}
        size = max(1.0, plan.visits_per_day / 18)
        self.shelf = Shelf.stocked(plan.supplies, size, self._rng)
        if state is not None:
            self._resume(state)

    @property
    def is_open(self) -> bool:
        """Whether the posted hours say open (and nobody has chained the door)."""
        return self._hours.span(self.at_s).holds(self.at_s) and not self.has(FaultName.LOCKED)

    @property
    def heater_w(self) -> float:
        """Electric power that the heater draws, in W."""
        return self.heater.power_w(self.outdoor_c)

    def has(self, name: FaultName) -> bool:
        """Whether this fault is there now."""
        return name in self.faults.active(self.at_s)

    def point(self, point_id: str) -> ChargingPoint:
        """The socket or e-bike point of this id."""
        return self._points[point_id]

    def step(self, dt_s: float) -> list[Crossing]:
        """Move on; returns who walked through the door, in order."""
        self.at_s += dt_s
        active = self.faults.active(self.at_s)
        if active is not self._marked:
            self._mark(active)
        crossings = self.crowd.advance(self.at_s, FaultName.LOCKED in active)
        for crossing in crossings:
            self._meet(crossing)
        self.outdoor_c = self._weather.outdoor_c(self.at_s)
        self._heat(dt_s, active, len(crossings))
        self._charge(dt_s)
        if FaultName.WATER_EMPTY in active:
            self.shelf.empty("water")
        return crossings

    def state(self) -> State:
        """Everything that a later world needs to go on without a jump."""
        return {
            "at_s": self.at_s,
            "air_c": self.room.air_c,
            "walls_c": self.room.walls_c,
            "outlet_c": self.heater.outlet_c,
            "is_calling": self.heater.is_calling,
            "departures_s": self.crowd.departures(),
            "levels": dict(self.shelf.levels),
            "batteries": plugged_in(self.points),
        }

    def _resume(self, state: State) -> None:
        self.room.air_c, self.room.walls_c = state["air_c"], state["walls_c"]
        self.heater.outlet_c, self.heater.is_calling = state["outlet_c"], state["is_calling"]
        self.crowd.settle([at_s for at_s in state["departures_s"] if at_s > self.at_s])
        self.shelf.levels.update(state["levels"])
        for point in self.points:
            point.battery = revived(state["batteries"].get(point.id))

    def _meet(self, crossing: Crossing) -> None:
        """What somebody does on the way in; leaving needs nothing, unplugging has its own time."""
        if not crossing.inward:
            return
        if crossing.is_staff:
            self.shelf.restock(self._rng)
        elif crossing.finds_seat:
            self.shelf.serve(self._rng)
            plug_in(self.points, crossing.at_s, crossing.leaves_s, self._rng)

    def _heat(self, dt_s: float, active: Mapping[FaultName, str | None], crossings: int) -> None:
        door_share = (
            1.0 if FaultName.DOOR_HELD_OPEN in active else crossings * _DOOR_S / max(dt_s, _DOOR_S)
        )
        gains_w = self.crowd.inside * _PERSON_W + _IDLE_W
        self.room.advance(
            dt_s, self.outdoor_c, gains_w, min(1.0, door_share), self.heater, self._setpoint_c()
        )

    def _setpoint_c(self) -> float:
        span = self._hours.span(self.at_s)
        is_wanted = span.start_s - PREHEAT_S <= self.at_s < span.end_s
        return self.plan.target_c if is_wanted else FROST_GUARD_C

    def _charge(self, dt_s: float) -> None:
        for point in self.points:
            if point.battery is not None:
                point.advance(dt_s, self.at_s, self.outdoor_c)
            elif point.kind == "ebike":
                point.rest(dt_s, self.outdoor_c)

    def _mark(self, active: Mapping[FaultName, str | None]) -> None:
        """Let heater and points know what is wrong with them from now on."""
        self._marked = active
        self.heater.is_dead = FaultName.HEATER_DEAD in active
        self.heater.is_weak = FaultName.HEATER_WEAK in active
        self.heater.is_stuck_on = FaultName.HEATER_STUCK_ON in active
        dead = _broken_point(self.points, "phone", FaultName.SOCKET_DEAD, active)
        hot = _broken_point(self.points, "ebike", FaultName.EBIKE_OVERHEAT, active)
        for point in self.points:
            point.is_dead, point.is_overheating = point.id == dead, point.id == hot


def _points(plan: StationPlan, outdoor_c: float) -> list[ChargingPoint]:
    phones = [ChargingPoint(f"p{n + 1}", "phone", outdoor_c) for n in range(plan.phone_chargers)]
    ebikes = [ChargingPoint(f"e{n + 1}", "ebike", outdoor_c) for n in range(plan.ebike_chargers)]
    return phones + ebikes


def _broken_point(
    points: Sequence[ChargingPoint],
    kind: str,
    name: FaultName,
    active: Mapping[FaultName, str | None],
) -> str | None:
    """The point that a fault means: the one it names, else the first of its kind."""
    if name not in active:
        return None
    return active[name] or next((point.id for point in points if point.kind == kind), None)
