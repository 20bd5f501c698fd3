"""What a fleet says about its regions and stations. Stands alone: knows nothing of the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from warmstation_edge.simulator.faults import Fault
from warmstation_edge.simulator.heater import HeaterPlan
from warmstation_edge.simulator.weather import Climate

Level = Literal["province", "city", "district", "street", "community", "grid"]
Equipment = Literal["simple", "full"]
Rhythm = Literal["riders", "market", "courses"]
HostType = Literal["community", "property", "shop", "union", "market"]
SensorName = Literal["door", "contact", "presence", "room", "outlet", "outdoor", "heater", "smoke"]

ALL_SENSORS: frozenset[SensorName] = frozenset(
    ("door", "contact", "presence", "room", "outlet", "outdoor", "heater", "smoke")
)


@dataclass(frozen=True, slots=True)
class Region:
    """A node of the region tree."""

    id: str
    name_zh: str
    name_en: str
    level: Level
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class StationPlan:
    """A made-up station: what is posted about it and what the simulated world needs to know.

    `equipment`: `full` has meters, scales, humidity, pulses and a staff button on their buses.
    `lat`, `lon`: WGS-84 degrees. `visits_per_day`: mean over open weekdays. `faults`: windows
    relative to the start of the live simulation.
    """

    id: str
    district: str
    region: str
    name_zh: str
    name_en: str
    lat: float
    lon: float
    address: str
    host_type: HostType
    hours: str
    capacity: int
    climate: Climate
    visits_per_day: float
    area_m2: float
    target_c: float = 20.0
    rhythm: Rhythm = "riders"
    heater: HeaterPlan = field(default_factory=HeaterPlan)
    facilities: tuple[str, ...] = ()
    phone_chargers: int = 0
    ebike_chargers: int = 0
    supplies: tuple[str, ...] = ()
    donors: tuple[tuple[str, str], ...] = ()
    contact_phone: str | None = None
    access_methods: tuple[str, ...] = ("walk_in",)
    sensors: frozenset[SensorName] = ALL_SENSORS
    equipment: Equipment = "simple"
    faults: tuple[Fault, ...] = ()
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Fleet:
    """Regions (parents first) and the stations in them."""

    name: str
    regions: tuple[Region, ...]
    stations: tuple[StationPlan, ...]

    def first(self, count: int) -> Fleet:
        """The same fleet with its first stations only."""
        return Fleet(self.name, self.regions, self.stations[:count])
