"""Where things are: regions and stations as the rest of the server knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

RegionLevel = Literal["province", "city", "district", "street", "community", "grid"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages; English falls back to Chinese where there is none."""

    zh: str
    en: str | None = None

    def in_language(self, language: str) -> str:
        """The text for a BCP 47 tag: English for `en...`, else Chinese."""
        return self.en or self.zh if language.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Region:
    """A node of the region tree; not every level is always there."""

    id: str
    name: Text
    level: RegionLevel
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChargerPlan:
    """How many chargers of one kind a station is said to have."""

    kind: Literal["phone", "ebike"]
    count: int


@dataclass(frozen=True, slots=True)
class Station:
    """A station as it is registered and promised.

    `lat`, `lon`: WGS-84 degrees. `hours`: OpenStreetMap opening_hours, in the zone `zone`.
    `target_c`: promised room temperature in °C. `donors`: item -> who gives it.
    """

    id: str
    district: str
    name: Text
    lat: float
    lon: float
    region_id: str
    hours: str
    capacity: int
    host_type: str
    address: str = ""
    zone: str = "Asia/Shanghai"
    target_c: float = 20.0
    facilities: tuple[str, ...] = ()
    chargers: tuple[ChargerPlan, ...] = ()
    supplies: tuple[str, ...] = ()
    donors: tuple[tuple[str, str], ...] = ()
    contact_phone: str | None = None
    access_methods: tuple[str, ...] = ("walk_in",)
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class Retired:
    """A station that is none any more, since `at`; `reason`: why, as somebody wrote it."""

    station: Station
    at: datetime
    reason: str


def lineage(region_id: str, regions: Mapping[str, Region]) -> list[str]:
    """A region and everything it lies in, from the smallest up."""
    found: list[str] = []
    region = regions.get(region_id)
    while region is not None and region.id not in found:
        found.append(region.id)
        region = regions.get(region.parent_id) if region.parent_id else None
    return found
