"""One place that is given by itself, by a command and not by a file. For the registry and `add`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from warmstation_server.registry.errors import BadPlace
from warmstation_server.registry.imports.raw import Kind, Place, RawRow
from warmstation_server.registry.judging import judge
from warmstation_server.registry.outcome import RefusedRow
from warmstation_server.registry.rows import LEVELS

_SAID = 10
"""A person has read enough then."""


def row(kind: Kind, values: Mapping[str, Any]) -> RawRow:
    """It as a row of a file that has its name."""
    return RawRow(kind, Place(str(values["id"]), 1), dict(values), dict(values))


def refuse(refused: Iterable[RefusedRow]) -> None:
    """BadPlace with the reasons; nothing where there is none."""
    said = [
        f"{one.raw.kind} {one.raw.place.file}: {one.fault.column} {one.fault.reason}"
        for one in refused
    ]
    if said:
        raise BadPlace("; ".join(said[:_SAID]))


def sound(values: Mapping[str, Any]) -> None:
    """BadPlace where no registry, whatever its regions, could take such a station."""
    region = {"id": values["region"], "level": LEVELS[-1], "parent": None}
    refuse(judge([row("station", values)], {values["region"]: region}, {}).refused)
