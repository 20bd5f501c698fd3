"""Places from TOML: `[[regions]]` and `[[stations]]`."""

from __future__ import annotations

import tomllib
from typing import Any

from warmstation_server.registry.errors import BadFile
from warmstation_server.registry.imports.columns import Columns
from warmstation_server.registry.imports.raw import Contents, Kind, Place, RawRow

_TABLES: dict[str, Kind] = {"regions": "region", "stations": "station"}


def read(name: str, data: bytes, columns: Columns) -> Contents:
    """The tables of the file; `coordinates` at its top holds for all stations."""
    try:
        file = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadFile(f"{name}: is not TOML: it is not UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFile(f"{name}: is not TOML: {error}") from None
    unknown = set(file) - set(_TABLES) - {"coordinates"}
    if unknown:
        allowed = "[[regions]], [[stations]] and coordinates"
        raise BadFile(f"{name}: {min(unknown)!r} is not known; a file of places has {allowed}")
    shared = {"coordinates": file["coordinates"]} if "coordinates" in file else {}
    return Contents(
        tuple(
            _row(kind, Place(name, number, table), columns.given(kind), shared | values)
            for table, kind in _TABLES.items()
            for number, values in enumerate(_tables(name, table, file.get(table, [])), 1)
        )
    )


def _tables(name: str, table: str, found: Any) -> list[dict[str, Any]]:
    if isinstance(found, list) and all(isinstance(values, dict) for values in found):
        return found
    raise BadFile(f"{name}: {table} must be written as [[{table}]]")


def _row(kind: Kind, place: Place, defaults: dict[str, str], values: dict[str, Any]) -> RawRow:
    if kind == "region":
        values = {key: value for key, value in values.items() if key != "coordinates"}
    return RawRow(kind, place, defaults | values, values)
