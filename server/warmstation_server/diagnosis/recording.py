"""Reads a recording (CSV) into samples; unknown columns are ignored, missing ones are None."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from warmstation_server.diagnosis.errors import BadRecording
from warmstation_server.diagnosis.sample import Sample

_TRUE = {"true", "on", "yes"}
_FALSE = {"false", "off", "no"}
_NOTHING = {"", "na", "nan", "none", "null", "unknown", "unavailable"}
_COLUMNS = ("room_c", "outlet_c", "outdoor_c", "heater_on", "heater_power_w", "door_count")
_CONTACT = "door_open"
_STEPS = 200
_ENOUGH = 10
_BACK_SHARE = 0.01  # a clock is set back once in a while; more than this is no order at all
_SHOWN = 40  # characters of a cell


@dataclass(slots=True)
class Oddities:
    """What was passed over, for whoever made the recording.

    `cells`: broken ones, taken as missing, `first`: the first of them; `repeats`: rows that are
    not later than one before, `first_repeat`: the first such line. `rooms`: rows with a room
    temperature.
    """

    cells: int = 0
    first: str = ""
    repeats: int = 0
    first_repeat: int = 0
    rooms: int = 0

    def sentences(self) -> list[str]:
        """One for each kind."""
        told = []
        if self.cells:
            told.append(f"{self.first}; taken as missing ({self.cells} in all)")
        if not self.rooms:
            told.append("no row has a room_c: of the room nothing can be told")
        if self.repeats:
            told.append(
                f"line {self.first_repeat}: time_s is not later than before ({self.repeats} in all)"
            )
        return told


def samples(lines: Iterable[str], oddities: Oddities | None = None) -> Iterator[Sample]:
    """Samples in the order of the file; what is odd is counted. Raises BadRecording where there
    is no time, or no table at all."""
    oddities = oddities or Oddities()
    rows = csv.reader(lines)
    try:
        yield from _samples(rows, oddities)
    except (csv.Error, UnicodeDecodeError) as error:
        line = f"line {rows.line_num + 1}"
        why = f": {error}" if isinstance(error, csv.Error) else ""
        raise BadRecording(f"{line}: not a table in UTF-8 with commas{why}") from error


def _samples(rows: Iterator[list[str]], oddities: Oddities) -> Iterator[Sample]:
    header = [name.strip().lower().lstrip("\ufeff") for name in next(rows, [])]
    if "time_s" not in header:
        raise BadRecording(f"line 1: a column time_s is needed, comma-separated; {_given(header)}")
    if "heater_w" in header and "heater_power_w" not in header:
        header[header.index("heater_w")] = "heater_power_w"
    if not {*_COLUMNS, _CONTACT} & {*header}:
        raise BadRecording(f"line 1: none of the columns {', '.join(_COLUMNS)}; {_given(header)}")
    places = [header.index(name) if name in header else None for name in (*_COLUMNS, _CONTACT)]
    time_place, latest_s = header.index("time_s"), -math.inf
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if any("\n" in cell for cell in row):
            raise BadRecording(f"line {number}: a quotation mark without its second")
        at_s = _value(row, time_place, number, "time_s", Oddities())
        if at_s is None:
            shown = _cell(row, time_place)[:_SHOWN]
            raise BadRecording(f"line {number}: time_s: {shown!r} is not a number")
        if at_s <= latest_s:
            oddities.first_repeat = oddities.first_repeat or number
            oddities.repeats += 1
        latest_s = max(latest_s, at_s)
        values = [
            None if place is None else _value(row, place, number, name, oddities)
            for place, name in zip(places, (*_COLUMNS, _CONTACT), strict=True)
        ]
        oddities.rooms += values[0] is not None
        yield Sample(at_s, *values)


def _given(header: Sequence[str]) -> str:
    return f"the first line is {','.join(header)[:80]!r}"


def in_order(recorded: Sequence[Sample]) -> Sequence[Sample]:
    """The same by time, where they run backwards too often to be a clock that was set back: the
    newest first, as many exports have them, or without any order."""
    backs = sum(b.at_s < a.at_s for a, b in pairwise(recorded))
    is_ordered = backs <= _BACK_SHARE * len(recorded)
    return recorded if is_ordered else sorted(recorded, key=attrgetter("at_s"))


def usual_step_s(recorded: Sequence[Sample]) -> float | None:
    """The median step between the first samples of a recording; None with fewer than ten."""
    times = sorted({sample.at_s for sample in recorded[:_STEPS]})
    steps = sorted(b - a for a, b in pairwise(times))
    return steps[len(steps) // 2] if len(steps) >= _ENOUGH else None


def _cell(row: list[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _value(row: list[str], place: int, line: int, name: str, oddities: Oddities) -> float | None:
    """A number, or None for anything that is none: a broken cell is a missing measurement."""
    if place >= len(row):
        return None
    cell = row[place]
    try:
        value = float(cell)
    except ValueError:
        return _word(cell, line, name, oddities)
    return value if math.isfinite(value) else None


def _word(cell: str, line: int, name: str, oddities: Oddities) -> float | None:
    text = cell.strip().lower()
    if text in _NOTHING:
        return None
    if text in _TRUE or text in _FALSE:
        return 1.0 if text in _TRUE else 0.0
    shown = cell.strip()[:_SHOWN]
    oddities.first = oddities.first or f"line {line}: {name}: {shown!r} is not a number"
    oddities.cells += 1
    return None
