"""Places from a workbook: every sheet with an id column, regions and stations in any order."""

from __future__ import annotations

import io
import warnings
import zipfile
from typing import Any

from warmstation_server.registry.errors import BadFile
from warmstation_server.registry.imports import sheet
from warmstation_server.registry.imports.columns import Columns
from warmstation_server.registry.imports.raw import Contents

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
"""A workbook is a zip file: a small one may unpack to more than the machine has."""


def read(name: str, data: bytes, columns: Columns) -> Contents:
    """The rows of all sheets that hold places; BadFile where none does."""
    _measure(name, data)
    try:
        found = _read(name, data, columns)
    except BadFile:
        raise
    except Exception as error:  # noqa: BLE001 - a broken workbook fails in openpyxl in any way
        cause = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadFile(f"{name}: is not a workbook that can be read: {cause}") from None
    if not found:
        raise BadFile(f"{name}: no sheet has a column for the id (id, 编号, 站点编号)")
    return Contents(
        tuple(row for contents in found for row in contents.rows),
        tuple(warning for contents in found for warning in contents.warnings),
    )


def _read(name: str, data: bytes, columns: Columns) -> list[Contents]:
    from openpyxl import load_workbook  # heavy, and only a workbook needs it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and validations that are not ours to read
        book: Any = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheets = [
                sheet.read(name, table.title, table.iter_rows(values_only=True), columns)
                for table in book.worksheets
            ]
        finally:
            book.close()
    return [contents for contents in sheets if contents is not None]


def _measure(name: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise BadFile(f"{name}: is not an XLSX workbook") from None
    if size > MAX_UNPACKED_BYTES:
        raise BadFile(f"{name}: unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MB")
