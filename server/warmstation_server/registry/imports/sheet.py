"""Rows of one table, whether it came from CSV or from a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from warmstation_server.registry.errors import BadFile
from warmstation_server.registry.imports.columns import Columns, Header
from warmstation_server.registry.imports.raw import Contents, Place, RawRow

TITLE_ROWS = 5
"""Sheets often begin with a title: the header is looked for in this many rows."""
MAX_ROWS = 2**20
"""All that a worksheet can have; a country has 200,000 stations."""


def read(
    file: str,
    sheet: str | None,
    rows: Iterable[Sequence[Any]],
    columns: Columns,
    most: int = MAX_ROWS,
) -> Contents | None:
    """The rows under the header; None where there is no header with an id.

    BadFile where there are more than `most`: part of a table is never taken for all of it.
    """
    numbered = iter(enumerate(_bounded(file, rows, most), 1))
    for number, cells in islice(numbered, TITLE_ROWS):
        header = Header.of(cells, columns)
        if header is not None:
            return _below(file, sheet, header, numbered, number)
    return None


def _bounded(file: str, rows: Iterable[Sequence[Any]], most: int) -> Iterator[Sequence[Any]]:
    for number, cells in enumerate(rows):
        if number >= most:
            raise BadFile(f"{file}: has more than {most:,} rows")
        yield cells


def _below(
    file: str,
    sheet: str | None,
    header: Header,
    numbered: Iterable[tuple[int, Sequence[Any]]],
    header_row: int,
) -> Contents:
    found = []
    for number, cells in numbered:
        values, original = header.values(cells)
        if original:
            found.append(RawRow(header.kind, Place(file, number, sheet), values, original))
    return Contents(tuple(found), tuple(_warnings(Place(file, header_row, sheet), header, found)))


def _warnings(place: Place, header: Header, rows: list[RawRow]) -> Iterable[str]:
    unused = header.left_out()
    if unused:
        yield f"{place}: left out, because nothing of ours has that name: {', '.join(unused)}"
    unstated = sum("lat" in row.values and "coordinates" not in row.values for row in rows)
    if unstated:
        yield (
            f"{place.file}: {unstated} rows do not say their coordinate system and were taken as "
            "WGS-84; add --default coordinates=gcj02 if they come from a Chinese map"
        )
