"""Cuts a stencil out of a report that was read in the contract's own way. Pure.

Holes come where the contract has a value, outside of every string: numbers, words, true, false.
All else is the form: keys and their order, ids, null, spaces, and whatever the contract ignores. So
a text that fits differs from the one that was checked in values alone, and these are checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from warmstation_server.history.codec import (
    BOOLEANS,
    CHARGERS_AT,
    CLOCKS,
    COLUMN,
    CONTACTORS,
    HEATINGS,
    INTEGERS,
    STATES,
    Flat,
    Shape,
    shape,
)
from warmstation_server.intake.stencil import Number, Stencil, Word
from warmstation_wire import Report

Path = tuple[str | int | None, ...]
"""Keys and places in lists, from the outermost to a value."""

_TOKEN = re.compile(rb'"[^"]*"|[][{}:,]|[^][{}:,"\s]+')
_SIGNED = rb"(-?+(?!0[0-9])[0-9]++(?:\.[0-9]++)?+)"
_UNSIGNED = rb"((?!0[0-9])[0-9]++(?:\.[0-9]++)?+)"
_WHOLE = rb"((?!0[0-9])[0-9]++)"
_WORD, _TRUTH = rb'"([a-z]++)"', rb"(true|false)"
_MINUTE = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"
_IDENTITY: Mapping[str, bytes] = {
    "station": rb'"([a-z0-9-]++)"',
    "stream": rb'"([0-9a-f]{4,32}+)"',
    "seq": rb"([1-9][0-9]*+)",
    "measured_at": rb'"(%b):([0-5][0-9])(?:\.([0-9]{3}))?+Z"' % _MINUTE,
}
_GROUPS = {"measured_at": 3}
_TRUTHS = {b"false": 0.0, b"true": 1.0}
_WORDS = {
    name: {word.encode(): float(number) for number, word in enumerate(words)}
    for name, words in {
        "clock": CLOCKS,
        "heating": HEATINGS,
        "contactor": CONTACTORS,
        "state": STATES,
    }.items()
}


class _Leaf(NamedTuple):
    path: Path
    start: int
    end: int


class _Odd(Exception):
    """Not worth a stencil."""


def cut(payload: bytes, flat: Flat) -> Stencil | None:
    """A stencil of this report; None where its form is too odd to be worth one."""
    form = shape(flat.texts)
    if b"\\" in payload or form.zeroed_by is not None:
        return None
    try:
        return _cut(payload, list(_leaves(payload)), _columns(form), flat.values)
    except _Odd:
        return None


def _cut(
    payload: bytes, leaves: Sequence[_Leaf], columns: Mapping[Path, int], row: Sequence[float]
) -> Stencil:
    pieces: list[bytes] = []
    identity: dict[str, Sequence[int]] = {}
    numbers: list[Number] = []
    words: list[Word] = []
    at = groups = 0
    for path, start, end in leaves:
        name, column = str(path[-1]), columns.get(path)
        pattern = _pattern(path, column)
        if pattern is None or not re.fullmatch(pattern, payload[start:end]):
            continue
        if column is None:
            identity[name] = range(groups, groups + _GROUPS.get(name, 1))
        elif meanings := _TRUTHS if name in BOOLEANS else _WORDS.get(name):
            words.append(Word(groups, column, meanings))
        else:
            numbers.append(Number(groups, column, *_bounds()[name]))
        pieces += (re.escape(payload[at:start]), pattern)
        at, groups = end, groups + _GROUPS.get(name, 1)
    if identity.keys() != _IDENTITY.keys():
        raise _Odd
    pattern = b"".join((*pieces, re.escape(payload[at:])))
    holes = [hole for name in _IDENTITY for hole in identity[name]]
    return Stencil(pattern, holes, numbers, words, row)


def _pattern(path: Path, column: int | None) -> bytes | None:
    """How a value may be written that has a hole; None where it has none."""
    name = str(path[-1])
    if column is None:
        return _IDENTITY.get(name) if path == (name,) else None
    if name in BOOLEANS:
        return _TRUTH
    if name in _WORDS:
        return _WORD
    if name in INTEGERS:
        return _WHOLE
    return _SIGNED if _bounds()[name][0] < 0 else _UNSIGNED


def _leaves(payload: bytes) -> Iterator[_Leaf]:
    """Every value in valid JSON without a backslash; _Odd where a key is there twice."""
    path: list[str | int | None] = []
    keys: set[Path] = set()
    for found in _TOKEN.finditer(payload):
        token = found[0]
        if token in b"{[":
            path.append(None if token == b"{" else 0)
        elif token in b"}]":
            path.pop()
        elif token == b",":
            place = path[-1]
            path[-1] = place + 1 if isinstance(place, int) else None
        elif token != b":":
            if path[-1] is not None:
                yield _Leaf(tuple(path), *found.span())
                continue
            path[-1] = token[1:-1].decode()
            if tuple(path) in keys:
                raise _Odd
            keys.add(tuple(path))


def _columns(form: Shape) -> dict[Path, int]:
    """Where in the row each value of such a report stands."""
    found: dict[Path, int] = {}
    for section, fields in _fields().items():
        for name in fields:
            path = (section, name) if section else (name,)
            if name in COLUMN:
                found[path] = COLUMN[name]
            elif name in form.extras:
                found[path] = form.extras_at + form.extras.index(name)
    starts = {"state": CHARGERS_AT, "power_w": form.powers_at, "energy_wh": form.energies_at}
    for number in range(len(form.chargers)):
        found |= {("chargers", number, name): at + number for name, at in starts.items()}
    for number in range(len(form.items)):
        found["supplies", number, "level"] = form.levels_at + number
    return found


@cache
def _fields() -> dict[str, dict[str, Any]]:
    """The fields of each section of a report, "" = of none; as its JSON schema has them."""
    schema = Report.model_json_schema()
    found = {"": schema["properties"]}
    for section, field in schema["properties"].items():
        for one in field.get("anyOf", ()):
            if "$ref" in one:
                found[section] = schema["$defs"][one["$ref"].rpartition("/")[2]]["properties"]
    found["chargers"], found["supplies"] = (
        schema["$defs"][name]["properties"] for name in ("Charger", "Supply")
    )
    return found


@cache
def _bounds() -> dict[str, tuple[float, float]]:
    """The least and the greatest of each number, by name."""
    return {
        name: (one["minimum"], one["maximum"])
        for fields in _fields().values()
        for name, field in fields.items()
        for one in (field, *field.get("anyOf", ()))
        if "minimum" in one and "maximum" in one
    }
