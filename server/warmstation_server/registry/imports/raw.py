"""A row as it was found, before anything is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["region", "station"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: `row` counts as a spreadsheet shows it (the n-th table in TOML)."""

    file: str
    row: int
    sheet: str | None = None

    def __str__(self) -> str:
        return f"{self.file}{f' [{self.sheet}]' if self.sheet else ''} row {self.row}"


@dataclass(frozen=True, slots=True)
class RawRow:
    """Values by our column names, as the file had them; `original`: by the file's own."""

    kind: Kind
    place: Place
    values: dict[str, Any]
    original: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Contents:
    """All rows of a file, and what its reader should know."""

    rows: tuple[RawRow, ...]
    warnings: tuple[str, ...] = ()
