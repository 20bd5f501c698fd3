"""A world's state as a report's plain values, without board or agent: for generated history only.

Values are those that the sensors would give: rounded alike, missing alike, with the faults that
the agent names. Nothing is checked on the way; a test checks what comes out. What is as it was
five minutes before is the same object: nobody changes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from warmstation_edge.load import CHARGING_ABOVE_W
from warmstation_edge.simulator.chargers import Battery, ChargingPoint
from warmstation_edge.simulator.faults import FaultName
from warmstation_edge.simulator.plan import StationPlan
from warmstation_edge.simulator.riders import Crowd
from warmstation_edge.simulator.world import World
from warmstation_edge.version import VERSION
from warmstation_wire import AgentState
from warmstation_wire.plain import Plain

Active = Mapping[FaultName, str | None]

_CONFIDENCE = 0.9
_AGENT: Plain = dict(AgentState(version=VERSION, queued=0, dropped=0, simulated=True))
_DOORS: dict[bool, Plain] = {False: {"open": False}, True: {"open": True}}


class Instant:
    """Reports of one station's world, numbered from 1 in one stream."""

    def __init__(self, plan: StationPlan, stream: str) -> None:
        self._stream = stream
        self._station = plan.id
        self._plan = plan
        self._seq = 0
        self._has = plan.sensors
        self._setpoint_c = plan.target_c if "heater" in plan.sensors else None
        self._seen: tuple[int, int, int, bool] | None = None
        self._counted: Plain | None = None
        self._active: Active | None = None
        self._plugged: list[tuple[float, Battery | None]] = []
        self._told: tuple[Plain, ...] | None = None
        self._levels: list[float] = []
        self._supplies: tuple[Plain, ...] | None = None

    def report(self, world: World, uptime_s: float) -> Plain | None:
        """What would be measured now; None while the station has no power."""
        active = world.faults.active(world.at_s)
        if FaultName.POWER_CUT in active:
            return None
        self._seq += 1
        faults = tuple(_faults(active)) if active else ()
        return {
            "v": 1,
            "station": self._station,
            "stream": self._stream,
            "seq": self._seq,
            "measured_at": datetime.fromtimestamp(world.at_s, UTC),
            "clock": "synced",
            "uptime_s": uptime_s,
            "climate": self._climate(world, faults),
            "door": self._door(active),
            "people": self._people(world.crowd, faults),
            "chargers": self._points(world.points, active),
            "supplies": self._shelf(world.shelf.levels),
            "safety": self._safety(active),
            "faults": faults or None,
            "agent": _AGENT,
        }

    def _climate(self, world: World, faults: tuple[Plain, ...]) -> Plain:
        heater, has = world.heater, self._has
        seen = has.difference(fault["sensor"] for fault in faults) if faults else has
        is_metered = "heater" in seen
        return {
            "room_c": _STEPS[round(world.room.air_c * 16)] if "room" in seen else None,
            "outlet_c": _STEPS[round(heater.outlet_c * 16)] if "outlet" in seen else None,
            "outdoor_c": _STEPS[round(world.outdoor_c * 16)] if "outdoor" in seen else None,
            "humidity_pct": None,
            "setpoint_c": self._setpoint_c,
            "heating": ("on" if heater.is_calling else "off") if is_metered else None,
            "heater_w": round(world.heater_w, 1) if is_metered else None,
        }

    def _door(self, active: Active) -> Plain | None:
        if "contact" not in self._has or "door" not in self._has:
            return None
        return _DOORS[FaultName.DOOR_HELD_OPEN in active]

    def _people(self, crowd: Crowd, faults: tuple[Plain, ...]) -> Plain | None:
        is_counting = not any(fault["sensor"] == "door" for fault in faults)
        seen = crowd.entered, crowd.left, crowd.inside, is_counting
        if seen != self._seen:
            self._seen = seen
            self._counted = self._count(crowd, is_counting)
        return self._counted

    def _count(self, crowd: Crowd, is_counting: bool) -> Plain | None:
        has_door, has_presence = "door" in self._has, "presence" in self._has
        if not has_door and not has_presence:
            return None
        is_counted = has_door and is_counting
        return {
            "inside": crowd.inside if is_counted else None,
            "entered": crowd.entered if has_door else None,
            "left": crowd.left if has_door else None,
            "confidence": _CONFIDENCE if is_counted else None,
            "present": crowd.inside > 0 if has_presence else None,
            "zeroed": None,
        }

    def _points(self, points: Sequence[ChargingPoint], active: Active) -> tuple[Plain, ...] | None:
        if active is not self._active or self._told is None:
            self._active = active
            self._plugged = [(point.energy_wh, point.battery) for point in points]
            self._told = tuple(map(_charger, points))
            return self._told or None
        plugged = self._plugged
        told: list[Plain] | None = None
        for i, point in enumerate(points):
            energy_wh, battery = plugged[i]
            if point.energy_wh != energy_wh or point.battery is not battery:
                plugged[i] = point.energy_wh, point.battery
                told = told or list(self._told)
                told[i] = _charger(point)
        if told is not None:
            self._told = tuple(told)
        return self._told or None

    def _shelf(self, levels: Mapping[str, float]) -> tuple[Plain, ...] | None:
        now = list(levels.values())
        if now != self._levels:
            self._levels = now
            self._supplies = tuple(
                {"item": item, "level": round(level, 3)} for item, level in levels.items()
            )
        return self._supplies

    def _safety(self, active: Active) -> Plain | None:
        if "smoke" not in self._has and not self._plan.ebike_chargers:
            return None
        is_smoky = FaultName.SMOKE in active
        smoke = is_smoky if "smoke" in self._has else None
        if not self._plan.ebike_chargers:
            return _SAFETY[smoke, None]
        return _SAFETY[smoke, "open" if smoke else "closed"]


_SAFETY: dict[tuple[bool | None, str | None], Plain] = {
    (smoke, contactor): {"smoke": smoke, "contactor": contactor}
    for smoke in (None, False, True)
    for contactor in (None, "open", "closed")
}


def _charger(point: ChargingPoint) -> Plain:
    power_w = point.power_w
    state = "charging" if power_w > CHARGING_ABOVE_W[point.kind] else "available"
    if point.is_overheating:
        state = "outoforder"
    return {
        "id": point.id,
        "kind": point.kind,
        "state": state,
        "power_w": round(power_w, 1),
        "energy_wh": round(point.energy_wh, 1),
    }


def _faults(active: Active) -> list[Plain]:
    """The reasons that the agent would give."""
    found: list[Plain] = []
    for name, part in active.items():
        if name is FaultName.SENSOR_85:
            found.append({"sensor": part or "room", "reason": "power_on"})
        elif name is FaultName.SENSOR_DISCONNECTED:
            found.append({"sensor": part or "room", "reason": "absent"})
        elif name is FaultName.BEAM_BLOCKED:
            found.append({"sensor": "door", "reason": "blocked"})
    return found


class _Steps(dict[int, float]):
    """Sixteenths of a degree, a DS18B20's steps, as they are rounded on the wire."""

    def __missing__(self, sixteenths: int) -> float:
        celsius = self[sixteenths] = round(sixteenths / 16, 2)
        return celsius


_STEPS = _Steps()
