"""What a region and a station may look like when they come in: the rim, in pydantic.

The same keys in TOML, CSV and XLSX; texts from table cells are understood, unknown keys refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from warmstation_server.hours import BadHours, Hours
from warmstation_server.hours.syntax import checked
from warmstation_server.places import Region, RegionLevel, Station
from warmstation_server.registry import gcj02
from warmstation_server.registry.words import a_bool, a_list, a_mapping, a_text, tidy_hours
from warmstation_wire.parts import Id, Name

LEVELS: tuple[str, ...] = get_args(RegionLevel)
"""From the widest to the narrowest: a region lies in one of a wider level."""

_SAME = (
    *("lat", "lon", "hours", "capacity", "host_type", "address"),
    *("zone", "target_c", "contact_phone"),
)
_LISTS = ("facilities", "supplies", "access_methods")


def _hours(text: str) -> str:
    try:
        return checked(tidy_hours(text))
    except BadHours as error:
        raise ValueError(str(error)) from None


def _zone(name: str) -> str:
    try:
        return Hours("24/7", name).zone.key
    except BadHours:
        raise ValueError("no time zone has this name (like Asia/Shanghai)") from None


def _once(items: list[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must not hold line breaks or control characters")
    return text


_Text = Annotated[str, BeforeValidator(a_text), AfterValidator(_printable)]
_Key = Annotated[Id, BeforeValidator(a_text)]
_Names = Annotated[list[Name], BeforeValidator(a_list), Field(max_length=50), AfterValidator(_once)]
_Donors = Annotated[
    dict[Name, Annotated[_Text, Field(max_length=100)]],
    BeforeValidator(a_mapping),
    Field(max_length=50),
]
_Label = Annotated[_Text, Field(min_length=1, max_length=200)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in values.items() if value is not None and value != ""}


class RegionRow(_Row):
    """A region."""

    id: _Key
    name_zh: _Label
    name_en: _Label | None = None
    level: Annotated[RegionLevel, BeforeValidator(a_text)]
    parent: _Key | None = None


class StationRow(_Row):
    """A station. `lat`, `lon` are kept in WGS-84, whatever they came in."""

    id: _Key
    district: _Key
    name_zh: _Label
    name_en: _Label | None = None
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    coordinates: Annotated[
        Literal["wgs84", "gcj02"],
        BeforeValidator(lambda value: re.sub(r"[\s_-]", "", a_text(value)).lower()),
    ] = Field(default="wgs84", exclude=True)
    region: _Key
    hours: Annotated[_Text, Field(max_length=500), AfterValidator(_hours)]
    capacity: Annotated[int, Field(ge=1, le=5000)]
    host_type: Annotated[Name, BeforeValidator(a_text)] = "community"
    address: Annotated[_Text, Field(max_length=300)] = ""
    zone: Annotated[_Text, AfterValidator(_zone)] = "Asia/Shanghai"
    target_c: Annotated[float, Field(ge=5, le=35)] = 20.0
    facilities: _Names = []
    phone_chargers: Annotated[int, Field(ge=0, le=1000)] = 0
    ebike_chargers: Annotated[int, Field(ge=0, le=1000)] = 0
    supplies: _Names = []
    donors: _Donors = {}
    contact_phone: Annotated[_Text, Field(pattern=r"^[0-9+][0-9+() ,;/#-]{2,39}$")] | None = None
    access_methods: _Names = ["walk_in"]
    simulated: Annotated[bool, BeforeValidator(a_bool)] = False

    @model_validator(mode="after")
    def _in_wgs84(self) -> Self:
        if self.coordinates == "wgs84":
            return self
        lat, lon = gcj02.to_wgs84(self.lat, self.lon)
        found = {"lat": round(lat, 7), "lon": round(lon, 7), "coordinates": "wgs84"}
        return self.model_copy(update=found)


def region_columns_of(region: Region) -> dict[str, Any]:
    """A region by the columns that an import has for it."""
    return {
        "id": region.id,
        "name_zh": region.name.zh,
        "name_en": region.name.en,
        "level": region.level,
        "parent": region.parent_id,
    }


def columns_of(station: Station) -> dict[str, Any]:
    """A station by the columns that an import has for it."""
    counts = {"phone_chargers": 0, "ebike_chargers": 0}
    counts |= {f"{plan.kind}_chargers": plan.count for plan in station.chargers}
    return (
        {"id": station.id, "district": station.district, "region": station.region_id}
        | {"name_zh": station.name.zh, "name_en": station.name.en}
        | {key: getattr(station, key) for key in _SAME}
        | {key: list(getattr(station, key)) for key in _LISTS}
        | counts
        | {"donors": dict(station.donors), "simulated": station.is_simulated}
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value of a row."""

    column: str
    value: str
    reason: str


def faults_of(error: ValidationError, allowed: Iterable[str]) -> tuple[Fault, ...]:
    """The mistakes of a row, one sentence each."""
    found = error.errors(include_url=False, include_context=False)
    return tuple(
        Fault(
            column=".".join(str(part) for part in one["loc"] if part != "[key]") or "(row)",
            value="" if one["type"] == "missing" else _shown(one["input"]),
            reason=_reason(one["type"], one["msg"], allowed),
        )
        for one in found
    )


def _reason(kind: str, message: str, allowed: Iterable[str]) -> str:
    if kind == "missing":
        return "must be given"
    if kind == "extra_forbidden":
        return f"is not known here; known are {', '.join(allowed)}"
    if kind == "string_pattern_mismatch" and "{1,62}" in message:
        return "must be 2 to 63 of a-z, 0-9 and -, and not begin with -"
    said = message.removeprefix("Value error, ").removeprefix("Input ")
    return said[:1].lower() + said[1:]


def _shown(value: object) -> str:
    text = "" if isinstance(value, Mapping) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
