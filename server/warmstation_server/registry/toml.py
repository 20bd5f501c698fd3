"""Writes places as TOML, in the format that the import reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from warmstation_server.places import Region, Station
from warmstation_server.registry.rows import LEVELS, columns_of, region_columns_of


def dumps(regions: Iterable[Region], stations: Iterable[Station]) -> str:
    """All of it as one text; reading it back gives the same places."""
    ordered = sorted(regions, key=lambda region: (LEVELS.index(region.level), region.id))
    tables = [("regions", region_columns_of(region)) for region in ordered]
    tables += [("stations", columns_of(station)) for station in stations]
    return "\n".join(_table(name, values) for name, values in tables)


def _table(name: str, values: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}\n" for key, value in values.items() if value is not None]
    return f"[[{name}]]\n{''.join(lines)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):  # a JSON string is a TOML string; ids and labels hold no controls
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_value(k)} = {_value(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value)
