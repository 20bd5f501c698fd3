"""Draws what a fleet file leaves open about a station: the same every time, from its id alone."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from warmstation_edge.simulator.errors import BadFleet
from warmstation_edge.simulator.faults import of_station
from warmstation_edge.simulator.heater import HeaterKind, HeaterPlan
from warmstation_edge.simulator.plan import ALL_SENSORS, StationPlan
from warmstation_edge.simulator.room import Shell
from warmstation_edge.simulator.weather import Climate

_M_PER_DEGREE = 111_320
_DESIGN_K = 8.0
"""Heaters are chosen for a night this much colder than the mean, with a reserve to heat up."""
_RESERVE = 1.7
_ROUND_W = 100.0

Table = Mapping[str, Any]


class Draw:
    """One fleet file's tables, from which stations are drawn."""

    def __init__(self, tables: Table, regions: Mapping[str, Table]) -> None:
        self._fleet: Table = tables["fleet"]
        self._open: Table = tables["draw"]
        self._donors: Mapping[str, str] = tables.get("donors", {})
        self._specials: dict[str, Table] = {row["id"]: row for row in tables.get("special", ())}
        self._regions = regions
        self._climate = Climate(**tables["climate"])

    def check_specials(self, stations: Iterable[StationPlan]) -> None:
        """Refuse a file that describes a station it does not have."""
        stray = set(self._specials) - {station.id for station in stations}
        if stray:
            raise BadFleet(f"special {min(stray)!r} is no station of this fleet")

    def station(self, number: int, place: Table, slug: str, zh: str, en: str) -> StationPlan:
        """The station at this place; `number` counts within the fleet."""
        station_id = f"{self._fleet['prefix']}-{slug}"
        rng = random.Random(f"warmstation/{station_id}")  # noqa: S311 - made-up data
        drawn = _drawn(self._open, rng) | dict(self._specials.get(station_id, {}))
        lat, lon = self._position(place["region"], rng)
        area_m2 = float(drawn["area_m2"])
        supplies = tuple(drawn["supplies"])
        facilities = tuple(drawn["facilities"])
        return StationPlan(
            id=station_id,
            district=self._fleet["district"],
            region=place["region"],
            name_zh=self._fleet["title_zh"].format(place=zh),
            name_en=self._fleet["title_en"].format(place=en),
            lat=lat,
            lon=lon,
            address=self._fleet["address_zh"].format(town=self._town(place["region"]), place=zh),
            host_type=place["host"],
            hours=drawn["hours"],
            capacity=drawn["capacity"],
            climate=self._climate,
            visits_per_day=drawn["visits_per_day"],
            area_m2=area_m2,
            target_c=drawn.get("target_c", 20.0),
            rhythm=drawn.get("rhythm", "riders"),
            heater=_heater(drawn["heater"], area_m2, self._climate),
            facilities=facilities,
            phone_chargers=drawn["phone_chargers"],
            ebike_chargers=drawn["ebike_chargers"],
            supplies=supplies,
            donors=tuple((k, v) for k, v in self._donors.items() if k in supplies + facilities),
            contact_phone=self._fleet["phone"].format(number=number),
            access_methods=("walk_in", "qr_code") if drawn["hours"] == "24/7" else ("walk_in",),
            sensors=ALL_SENSORS - frozenset(drawn["lacking"]),
            equipment=drawn.get("equipment", "simple"),
            faults=tuple(of_station(text) for text in drawn.get("faults", ())),
        )

    def _town(self, region: str) -> str:
        """The street or town that a region lies in; nothing where the region is larger."""
        row = self._regions[region]
        while row["level"] in ("grid", "community"):
            row = self._regions[row["parent"]]
        return str(row["name_zh"]) if row["level"] == "street" else ""

    def _position(self, region: str, rng: random.Random) -> tuple[float, float]:
        """Spread around the nearest region upward that has a centre; evenly over a disc."""
        centre = self._regions[region]
        while "lat" not in centre:
            centre = self._regions[centre["parent"]]
        bearing, radius_m = rng.uniform(0, math.tau), self._fleet["spread_m"] * rng.random() ** 0.5
        lat = centre["lat"] + radius_m * math.cos(bearing) / _M_PER_DEGREE
        shrink = math.cos(math.radians(lat))
        lon = centre["lon"] + radius_m * math.sin(bearing) / (_M_PER_DEGREE * shrink)
        return round(lat, 5), round(lon, 5)


def _drawn(ranges: Table, rng: random.Random) -> dict[str, Any]:
    capacity = rng.randint(*ranges["capacity"])
    extra: Sequence[str] = ranges["some_facilities"]
    some = sorted(rng.sample(extra, k=rng.randint(0, min(3, len(extra)))))
    fixed = {key: ranges[key] for key in ("rhythm", "target_c") if key in ranges}
    return fixed | {
        "hours": rng.choice(ranges["hours"]),
        "capacity": capacity,
        "area_m2": round(capacity * ranges["area_m2_per_seat"], 1),
        "visits_per_day": round(capacity * rng.uniform(*ranges["visits_per_seat"]), 1),
        "phone_chargers": rng.randint(*ranges["phone_chargers"]),
        "ebike_chargers": rng.randint(*ranges["ebike_chargers"]),
        "heater": rng.choice(ranges["heaters"]),
        "supplies": rng.choice(ranges["supplies"]),
        "facilities": [*ranges["facilities"], *some],
        "lacking": rng.choice(ranges["lacking"]),
    }


def _heater(kind: HeaterKind, area_m2: float, climate: Climate) -> HeaterPlan:
    """A heater that holds the target on the coldest common night."""
    coldest_k = 20 - climate.mean_c + _DESIGN_K
    heat_w = Shell.of_area(area_m2).loss_w_per_k * coldest_k * _RESERVE
    return HeaterPlan(kind, math.ceil(heat_w / _ROUND_W) * _ROUND_W)
