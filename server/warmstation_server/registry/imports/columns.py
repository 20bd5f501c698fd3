"""Which column of a sheet is which: by our names, by what people call them, or as told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from warmstation_server.registry.errors import BadFile
from warmstation_server.registry.imports.raw import Kind
from warmstation_server.registry.rows import RegionRow, StationRow

_FIELDS: dict[Kind, frozenset[str]] = {
    "region": frozenset(RegionRow.model_fields),
    "station": frozenset(StationRow.model_fields),
}
_ALIASES = {
    "id": "编号 站点编号 驿站编号 station_id",
    "district": "区县 区县代码 所属区县 辖区",
    "name_zh": "名称 站点名称 驿站名称 中文名称 区域名称 name",
    "name_en": "英文名 英文名称",
    "lat": "纬度 latitude",
    "lon": "经度 longitude lng",
    "coordinates": "坐标系 坐标系统 coordinate_system",
    "region": "区域 区域编号 所属区域 街道 社区 所属街道 所属社区 region_id",
    "hours": "营业时间 开放时间 服务时间 station_opening_hours opening_hours",
    "capacity": "座位数 席位 席位数 容纳人数 seats",
    "host_type": "类型 站点类型 依托类型",
    "address": "地址 详细地址",
    "zone": "时区 timezone",
    "target_c": "目标温度 设定温度 temperature_target_c",
    "facilities": "设施 服务设施",
    "phone_chargers": "手机充电 手机充电口 手机充电位",
    "ebike_chargers": "电动车充电 电动车充电桩 电动车充电位",
    "supplies": "物资 补给",
    "donors": "捐赠方 捐赠 物资捐赠",
    "contact_phone": "联系电话 电话 phone",
    "access_methods": "进入方式 开门方式",
    "simulated": "模拟 is_simulated",
    "level": "级别 层级",
    "parent": "上级 上级区域 上级编号 parent_region_id",
}
_KNOWN = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases.split())}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the caller says about a sheet.

    `sources`: our column -> the file's column, or a template such as `sz-{station_id}`.
    `defaults`: our column -> the value where a row has none.
    """

    sources: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(
        cls, sources: Iterable[str], defaults: Iterable[str], option: str = "--default"
    ) -> Self:
        """From `name=column,name=column` texts; BadFile where one is not of that form."""
        return cls(_pairs("--map", sources), _pairs(option, defaults))

    def given(self, kind: Kind) -> dict[str, str]:
        """The defaults that a row of this kind can use."""
        return {key: value for key, value in self.defaults.items() if key in _FIELDS[kind]}


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one sheet, understood."""

    kind: Kind
    own: Mapping[str, str]
    names: tuple[str, ...]
    columns: Columns

    @classmethod
    def of(cls, cells: Iterable[Any], columns: Columns) -> Self | None:
        """The header in these cells; None where they do not hold one."""
        names = tuple(str(cell).strip() if cell is not None else "" for cell in cells)
        own = {ours: name for name in names if (ours := _KNOWN.get(_plain(name)))}
        if "level" in own and "id" not in own and "region" in own:
            own["id"] = own.pop("region")  # in a sheet of regions, region_id is the id
        if "id" not in own and not _reads(columns.sources.get("id"), names):
            return None
        return cls("region" if "level" in own else "station", own, names, columns)

    def values(self, cells: Iterable[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """A row by our names, and by the sheet's own; empty cells are left out."""
        original = {
            name: value
            for name, value in zip(self.names, map(_cell, cells), strict=False)
            if name and value is not None
        }
        found = {ours: original[name] for ours, name in self.own.items() if name in original}
        found |= {
            ours: value
            for ours, source in self.columns.sources.items()
            if (value := _filled(source, original)) is not None
        }
        taken = {key: value for key, value in found.items() if key in _FIELDS[self.kind]}
        return self.columns.given(self.kind) | taken, original

    def left_out(self) -> list[str]:
        """Columns of the sheet that nothing is taken from."""
        used = {name for ours, name in self.own.items() if ours in _FIELDS[self.kind]}
        used |= {name for source in self.columns.sources.values() for name in _parts(source)}
        return [name for name in self.names if name and name not in used]


def _plain(name: str) -> str:
    return re.sub(r"[\s*]|[(（].*[)）]$", "", name.lower())


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
    return None if value == "" else value


def _parts(source: str) -> list[str]:
    return _PLACEHOLDER.findall(source) if "{" in source else [source]


def _reads(source: str | None, names: tuple[str, ...]) -> bool:
    return source is not None and all(part in names for part in _parts(source))


def _filled(source: str, original: Mapping[str, Any]) -> Any:
    """The column, or the template with its columns put in; None where one of them is empty."""
    if any(part not in original for part in _parts(source)):
        return None
    if "{" not in source:
        return original[source]
    return _PLACEHOLDER.sub(lambda found: _short(original[found[1]]), source)


def _short(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    known = _FIELDS["region"] | _FIELDS["station"]
    for text in texts:
        # A comma begins a new pair only where a name and `=` follow: hours and lists hold commas.
        for pair in re.split(r",(?=\s*[a-z_]+=)", text):
            name, sign, value = (part.strip() for part in pair.partition("="))
            if not sign or not value or name not in known:
                allowed = ", ".join(sorted(known))
                raise BadFile(f"{option} {pair!r}: must be COLUMN=VALUE with one of {allowed}")
            found[name] = value
    return found
