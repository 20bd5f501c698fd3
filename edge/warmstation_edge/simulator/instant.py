"""A world's state as a Report, without board or agent: for generated history only.

Values are those that the sensors would give: rounded alike, missing alike, with the faults that
the agent names. Models are filled without validation, at a tenth of its price; a test validates
what comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from warmstation_edge.charging import CHARGING_ABOVE_W
from warmstation_edge.sampler import VERSION
from warmstation_edge.simulator.chargers import Battery, ChargingPoint
from warmstation_edge.simulator.faults import FaultName
from warmstation_edge.simulator.plan import StationPlan
from warmstation_edge.simulator.riders import Crowd
from warmstation_edge.simulator.world import World
from warmstation_wire import (
    AgentState,
    Charger,
    Climate,
    Door,
    Fault,
    People,
    Report,
    Safety,
    Supply,
)

Model = TypeVar("Model", bound=BaseModel)

Active = Mapping[FaultName, str | None]

_CONFIDENCE = 0.9
_AGENT = AgentState(version=VERSION, queued=0, dropped=0, simulated=True)
_DOORS = {False: Door(open=False), True: Door(open=True)}


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
        self._counted: People | None = None
        self._active: Active | None = None
        self._plugged: list[tuple[float, Battery | None]] = []
        self._told: tuple[Charger, ...] | None = None
        self._levels: list[float] = []
        self._supplies: tuple[Supply, ...] | None = None

    def report(self, world: World, uptime_s: float) -> Report | None:
        """What would be measured now; None while the station has no power."""
        active = world.faults.active(world.at_s)
        if FaultName.POWER_CUT in active:
            return None
        self._seq += 1
        faults = tuple(_faults(active)) if active else ()
        return _filled(
            Report,
            _REPORT,
            {
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
            },
        )

    def _climate(self, world: World, faults: tuple[Fault, ...]) -> Climate:
        heater = world.heater
        seen = self._has.difference(fault.sensor for fault in faults) if faults else self._has
        is_metered = "heater" in seen
        on = heater.is_calling or heater.is_stuck_on
        return _filled(
            Climate,
            _CLIMATE,
            {
                "room_c": _SIXTEENTHS[round(world.room.air_c * 16)] if "room" in seen else None,
                "outlet_c": _SIXTEENTHS[round(heater.outlet_c * 16)] if "outlet" in seen else None,
                "outdoor_c": _SIXTEENTHS[round(world.outdoor_c * 16)]
                if "outdoor" in seen
                else None,
                "humidity_pct": None,
                "setpoint_c": self._setpoint_c,
                "heating": ("on" if on else "off") if is_metered else None,
                "heater_w": round(world.heater_w, 1) if is_metered else None,
            },
        )

    def _door(self, active: Active) -> Door | None:
        if "contact" not in self._has or "door" not in self._has:
            return None
        return _DOORS[FaultName.DOOR_HELD_OPEN in active]

    def _people(self, crowd: Crowd, faults: tuple[Fault, ...]) -> People | None:
        """Nobody comes or goes for most of the night: then it is the same object."""
        is_counting = not any(fault.sensor == "door" for fault in faults)
        seen = crowd.entered, crowd.left, crowd.inside, is_counting
        if seen != self._seen:
            self._seen = seen
            self._counted = self._count(crowd, is_counting)
        return self._counted

    def _count(self, crowd: Crowd, is_counting: bool) -> People | None:
        present = crowd.inside > 0 if "presence" in self._has else None
        if "door" not in self._has:
            return (
                None
                if present is None
                else _filled(People, _PEOPLE, _NOBODY | {"present": present})
            )
        return _filled(
            People,
            _PEOPLE,
            {
                "inside": crowd.inside if is_counting else None,
                "entered": crowd.entered,
                "left": crowd.left,
                "confidence": _CONFIDENCE if is_counting else None,
                "present": present,
                "zeroed": None,
            },
        )

    def _points(
        self, points: Sequence[ChargingPoint], active: Active
    ) -> tuple[Charger, ...] | None:
        """Most sockets are as they were five minutes before: those are the same objects."""
        if active is not self._active or self._told is None:
            self._active = active
            self._plugged = [(point.energy_wh, point.battery) for point in points]
            self._told = tuple(map(_charger, points))
            return self._told or None
        plugged = self._plugged
        told: list[Charger] | None = None
        for i, point in enumerate(points):
            energy_wh, battery = plugged[i]
            if point.energy_wh != energy_wh or point.battery is not battery:
                plugged[i] = point.energy_wh, point.battery
                told = told or list(self._told)
                told[i] = _charger(point)
        if told is not None:
            self._told = tuple(told)
        return self._told or None

    def _shelf(self, levels: Mapping[str, float]) -> tuple[Supply, ...] | None:
        now = list(levels.values())
        if now != self._levels:
            self._levels = now
            self._supplies = tuple(
                _filled(Supply, _SUPPLY, {"item": item, "level": round(level, 3)})
                for item, level in levels.items()
            )
        return self._supplies

    def _safety(self, active: Active) -> Safety | None:
        if "smoke" not in self._has and not self._plan.ebike_chargers:
            return None
        is_smoky = FaultName.SMOKE in active
        smoke = is_smoky if "smoke" in self._has else None
        if not self._plan.ebike_chargers:
            return _SAFETY[smoke, None]
        return _SAFETY[smoke, "open" if smoke else "closed"]


def _charger(point: ChargingPoint) -> Charger:
    power_w = point.power_w
    state = "charging" if power_w > CHARGING_ABOVE_W[point.kind] else "available"
    if point.is_overheating:
        state = "outoforder"
    return _filled(
        Charger,
        _CHARGER,
        {
            "id": point.id,
            "kind": point.kind,
            "state": state,
            "power_w": round(power_w, 1),
            "energy_wh": round(point.energy_wh, 1),
        },
    )


_NOBODY: dict[str, Any] = dict.fromkeys(("inside", "entered", "left", "confidence", "zeroed"))
_SAFETY: dict[tuple[bool | None, str | None], Safety] = {
    (smoke, contactor): Safety.model_validate({"smoke": smoke, "contactor": contactor})
    for smoke in (None, False, True)
    for contactor in (None, "open", "closed")
}


def _faults(active: Active) -> list[Fault]:
    """The reasons that the agent would give."""
    found: list[Fault] = []
    for name, part in active.items():
        if name is FaultName.SENSOR_85:
            found.append(Fault(sensor=part or "room", reason="power_on"))
        elif name is FaultName.SENSOR_DISCONNECTED:
            found.append(Fault(sensor=part or "room", reason="absent"))
        elif name is FaultName.BEAM_BLOCKED:
            found.append(Fault(sensor="door", reason="blocked"))
    return found


class _Sixteenths(dict[int, float]):
    """Temperatures in a DS18B20's steps, rounded as on the wire."""

    def __missing__(self, sixteenths: int) -> float:
        celsius = self[sixteenths] = round(sixteenths / 16, 2)
        return celsius


_SIXTEENTHS = _Sixteenths()


def _filled(model: type[Model], fields: set[str], values: dict[str, Any]) -> Model:
    """A model with these values as they are, all fields given (pydantic's `model_construct`)."""
    made = model.__new__(model)
    _set(made, "__dict__", values)
    _set(made, "__pydantic_fields_set__", fields)
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


_set = object.__setattr__
_REPORT, _CLIMATE, _PEOPLE, _CHARGER, _SUPPLY = (
    set(model.model_fields) for model in (Report, Climate, People, Charger, Supply)
)
