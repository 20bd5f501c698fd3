"""What an import did, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from warmstation_server.registry.imports.raw import Kind, RawRow
from warmstation_server.registry.rows import Fault


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One reason why a row was not taken; a row may have several."""

    raw: RawRow
    fault: Fault

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        place = self.raw.place
        return {
            "kind": self.raw.kind,
            "file": place.file,
            "sheet": place.sheet,
            "row": place.row,
            "column": self.fault.column,
            "value": self.fault.value,
            "reason": self.fault.reason,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """Ids by what happened to them."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, list[str]]:
        """For JSON."""
        return {
            "added": list(self.added),
            "changed": list(self.changed),
            "unchanged": list(self.unchanged),
        }


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What was taken and what was not; nothing, where `is_committed` is False."""

    regions: Tally = field(default_factory=Tally)
    stations: Tally = field(default_factory=Tally)
    refused: tuple[RefusedRow, ...] = ()
    warnings: tuple[str, ...] = ()
    is_committed: bool = True

    def of(self, kind: Kind) -> Tally:
        """The regions or the stations."""
        return self.regions if kind == "region" else self.stations

    @property
    def refused_rows(self) -> int:
        """How many rows were refused."""
        return len({(row.raw.kind, row.raw.place) for row in self.refused})

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "committed": self.is_committed,
            "regions": self.regions.to_dict(),
            "stations": self.stations.to_dict(),
            "refused_rows": self.refused_rows,
            "refused": [row.to_dict() for row in self.refused],
            "warnings": list(self.warnings),
        }
