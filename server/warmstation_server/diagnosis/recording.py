"""Reads a recording (CSV) into samples; unknown columns are ignored, missing ones are None."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator

from warmstation_server.diagnosis.errors import BadRecording
from warmstation_server.diagnosis.sample import Sample

_TRUE = {"true", "on", "yes"}
_FALSE = {"false", "off", "no"}
_NOTHING = {"", "na", "nan", "none", "null", "unknown", "unavailable"}


def samples(lines: Iterable[str]) -> Iterator[Sample]:
    """Samples in the order of the file. Raises BadRecording where there is no time column."""
    rows = csv.reader(lines)
    header = [name.strip().lower().lstrip("\ufeff") for name in next(rows, [])]
    if "time_s" not in header:
        raise BadRecording("line 1: a column time_s is needed")
    columns = {name: index for index, name in enumerate(header)}
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        at_s = _value(row, columns.get("time_s"))
        if at_s is None:
            raise BadRecording(f"line {number}: time_s is not a number")
        yield Sample(
            at_s=at_s,
            room_c=_value(row, columns.get("room_c")),
            outlet_c=_value(row, columns.get("outlet_c")),
            outdoor_c=_value(row, columns.get("outdoor_c")),
            heater_on=_value(row, columns.get("heater_on")),
            heater_w=_value(row, columns.get("heater_power_w", columns.get("heater_w"))),
            door_count=_value(row, columns.get("door_count")),
            door_open=_value(row, columns.get("door_open")),
        )


def _value(row: list[str], column: int | None) -> float | None:
    """A number, or None for anything that is none: a broken cell is a missing measurement."""
    if column is None or column >= len(row):
        return None
    text = row[column].strip().lower()
    if text in _NOTHING:
        return None
    if text in _TRUE or text in _FALSE:
        return 1.0 if text in _TRUE else 0.0
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
