"""Places from CSV, in any encoding that Chinese spreadsheets save."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from warmstation_server.registry.errors import BadFile
from warmstation_server.registry.imports import sheet
from warmstation_server.registry.imports.columns import Columns
from warmstation_server.registry.imports.raw import Contents

LONGEST_CELL = 2**17
_NO_ID = "has no column for the id (id, station_id, 编号, 站点编号): name it with --map id=COLUMN"


def read(name: str, data: bytes, columns: Columns) -> Contents:
    """The rows; commas, semicolons or tabs between the cells, found in the header."""
    text = _text(name, data)
    if "\0" in text:
        raise BadFile(f"{name}: is not a CSV file (it holds NUL characters)")
    head = "\n".join(text.splitlines()[: sheet.TITLE_ROWS])
    delimiter = max(",\t;", key=head.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        found = sheet.read(name, None, _bounded(rows), columns)
    except csv.Error as error:
        raise BadFile(f"{name}: is not a CSV file: {error}") from None
    if found is None:
        raise BadFile(f"{name}: {_NO_ID}")
    return found


def _bounded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """A quotation mark that is never closed makes one cell of all the rest.

    The limit of the csv module is the whole process's, and others may have raised it.
    """
    for row in rows:
        if any(len(cell) > LONGEST_CELL for cell in row):
            raise csv.Error(f"a cell is longer than {LONGEST_CELL} characters")
        yield row


def _text(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(f"{name}: is neither UTF-8 nor GB18030 text")
