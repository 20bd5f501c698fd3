"""Cuts a stencil out of a report that was read in the contract's own way. Pure.

Holes come where the contract has a value, outside of every string: numbers, words, true, false.
All else is the form: keys and their order, ids, null, spaces, and whatever the contract ignores. So
a text that fits differs from the one that was checked in values alone, and these are checked. No
value has a comma in it, and there is one between any two: each piece has one hole at most.
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
from warmstation_server.intake.known import Known
from warmstation_server.intake.stencil import Hole, Stencil, Time, Value
from warmstation_wire import Report

Path = tuple[str | int | None, ...]
"""Keys and places in lists, from the outermost to a value."""

_TOKEN = re.compile(rb'"[^"]*"|[][{}:,]|[^][{}:,"\s]+')
_SIGNED = rb"(-?+(?!0[0-9])[0-9]++(?:\.[0-9]++)?+)"
_UNSIGNED = rb"((?!0[0-9])[0-9]++(?:\.[0-9]++)?+)"
_WHOLE = rb"((?!0[0-9])[0-9]++)"
_MINUTE = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"
_IDENTITY: Mapping[str, bytes] = {
    "station": rb'"([a-z0-9-]++)"',
    "stream": rb'"([0-9a-f]{4,32}+)"',
    "seq": rb"([1-9][0-9]{0,15}+)",
    "measured_at": rb'"(%b):([0-5][0-9])(?:\.([0-9]{3}))?+Z"' % _MINUTE,
}
_WORDS: Mapping[str, Mapping[bytes, float]] = {
    name: {b'"%b"' % word.encode(): float(number) for number, word in enumerate(words)}
    for name, words in {
        "clock": CLOCKS,
        "heating": HEATINGS,
        "contactor": CONTACTORS,
        "state": STATES,
    }.items()
} | {name: {b"false": 0.0, b"true": 1.0} for name in BOOLEANS}


class _Leaf(NamedTuple):
    path: Path
    start: int
    end: int


class _Place(NamedTuple):
    """Where a value stands: the number of its piece, and what of that is before and behind it."""

    piece: int
    before: bytes
    behind: bytes

    def around(self, pattern: bytes) -> bytes:
        """The whole piece, with this for the value."""
        return re.escape(self.before) + pattern + re.escape(self.behind)


class _Odd(Exception):
    """Not worth a stencil."""


def cut(payload: bytes, flat: Flat, known: Known) -> Stencil | None:
    """A stencil of this report; None where its form is too odd to be worth one.

    `known`: what is known of numbers, with those of all other stencils.
    """
    form = shape(flat.texts)
    if b"\\" in payload or form.zeroed_by is not None:
        return None
    try:
        return _cut(payload, _columns(form), flat.values, known)
    except _Odd:
        return None


def _cut(
    payload: bytes, columns: Mapping[Path, int], row: Sequence[float], known: Known
) -> Stencil:
    text = payload.split(b",")
    identity: dict[str, Hole] = {}
    values: dict[int, Value] = {}
    for path, start, end in _leaves(payload):
        place, said = _place(payload, start, end), payload[start:end]
        name, column = str(path[-1]), columns.get(path)
        if column is not None:
            numbers = _numbers(name, said, place, known)
            if numbers is not None:
                values[column] = Value(place.piece, numbers)
        elif path == (name,) and name in _IDENTITY and re.fullmatch(_IDENTITY[name], said):
            identity[name] = Hole(place.piece, place.around(_IDENTITY[name]))
    holes = {hole.piece for hole in identity.values()} | {one.piece for one in values.values()}
    fixed = next((at for at in range(len(text)) if at not in holes), None)
    if identity.keys() != _IDENTITY.keys() or fixed is None:
        raise _Odd
    # What has no hole says always the same, and so does a piece without one.
    every = [
        values.get(column) or Value(fixed, {text[fixed]: number})
        for column, number in enumerate(row)
    ]
    *names, (time_at, pattern) = [identity[name] for name in _IDENTITY]
    return Stencil(text, names, Time(time_at, known.moments(pattern)), every)


def _place(payload: bytes, start: int, end: int) -> _Place:
    begins, ends = payload.rfind(b",", 0, start) + 1, payload.find(b",", end)
    behind = payload[end:] if ends < 0 else payload[end:ends]
    return _Place(payload.count(b",", 0, begins), payload[begins:start], behind)


def _numbers(name: str, said: bytes, place: _Place, known: Known) -> Mapping[bytes, float] | None:
    """What may stand in this piece, and the number of each; None where this has no hole."""
    words = _WORDS.get(name)
    if words is not None:
        before, behind = place.before, place.behind
        pieces = {before + word + behind: number for word, number in words.items()}
        return pieces if said in words else None
    low, high = _bounds()[name]
    pattern = _WHOLE if name in INTEGERS else _SIGNED if low < 0 else _UNSIGNED
    return known.kind(place.around(pattern), low, high) if re.fullmatch(pattern, said) else None


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
