"""Reads places from TOML, CSV and XLSX files. Called by the command line; touches no database."""

from __future__ import annotations

from pathlib import Path

from warmstation_server.registry.errors import BadFile
from warmstation_server.registry.imports import csv_file, toml_file, xlsx_file
from warmstation_server.registry.imports.columns import Columns
from warmstation_server.registry.imports.raw import Contents, Place, RawRow

MAX_BYTES = 64 * 1024 * 1024

__all__ = ["Columns", "Contents", "Place", "RawRow", "read"]

_READERS = {
    ".toml": toml_file.read,
    ".csv": csv_file.read,
    ".tsv": csv_file.read,
    ".txt": csv_file.read,
    ".xlsx": xlsx_file.read,
    ".xlsm": xlsx_file.read,
}


def read(path: Path, columns: Columns | None = None) -> Contents:
    """The rows of one file, not checked yet; BadFile where it cannot be read as a whole."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise BadFile(f"{path.name}: only {', '.join(_READERS)} files can be imported")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadFile(f"{path.name}: larger than {MAX_BYTES // 2**20} MB")
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from None
    return reader(path.name, data, columns or Columns())
