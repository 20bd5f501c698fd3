"""A part's fields as plain JSON values and back, exactly; for the state of the diagnosis only.

All values of a part and of the parts in it stand in one row, in the order of the fields. The row is
kept as little-endian doubles, deflated, in base64: half the size of decimal digits, and bit for bit
the same. What is no number with a fraction is kept beside it, with its place.
"""

from __future__ import annotations

import base64
import struct
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import islice
from operator import attrgetter
from types import NoneType
from typing import Any

from warmstation_server.diagnosis.errors import BadState
from warmstation_server.diagnosis.regression import Regression

_PLAIN = frozenset({float, NoneType, bool, int, str})
_LEVEL = 1
"""A server keeps some hundreds of stations a second: the best costs three times as much."""


def remembered(part: Any) -> dict[str, Any]:
    """A part's row as packed `floats`; `rest`: the places and values of all others in it."""
    row: list[Any] = []
    _gather(part, row)
    places = [place for place, value in enumerate(row) if type(value) is not float]
    rest = [row[place] for place in places]
    for place in places:
        row[place] = 0.0
    raw = zlib.compress(struct.pack(f"<{len(row)}d", *row), _LEVEL)
    return {"rest": [places, rest], "floats": base64.b64encode(raw).decode()}


def recall(part: Any, memory: object) -> None:
    """Sets the fields of a fresh part to what `remembered` gave. Raises BadState."""
    try:
        raw = zlib.decompress(base64.b64decode(memory["floats"]))  # type: ignore[index]
        row: list[Any] = list(struct.unpack(f"<{len(raw) // 8}d", raw))
        for place, value in zip(*memory["rest"], strict=True):  # type: ignore[index]
            row[place] = value
        values = iter(row)
        _fill(part, values)
    except (KeyError, IndexError, TypeError, ValueError, struct.error, zlib.error) as error:
        raise BadState("the saved state is damaged or of another version") from error
    except StopIteration as error:
        raise BadState("the saved state has fewer values than expected") from error
    if next(values, part) is not part:
        raise BadState("the saved state has more values than expected")


def _gather(part: Any, row: list[Any]) -> None:
    for value in _values(type(part))(part):
        kind = type(value)
        if kind in _PLAIN:
            row.append(value)
        elif kind is list:
            row += value
        elif kind is Regression:
            row += value.spread
            row += value.theta
        else:
            _gather(value, row)


def _fill(part: Any, values: Iterator[Any]) -> None:
    for name in _names(type(part)):
        current = getattr(part, name)
        if isinstance(current, Regression):
            current.spread = array("d", _next(values, len(current.spread)))
            current.theta = _next(values, len(current.theta))
        elif isinstance(current, list):
            setattr(part, name, _next(values, len(current)))
        elif type(current) in _PLAIN:
            setattr(part, name, next(values))
        else:
            _fill(current, values)


def _next(values: Iterator[Any], count: int) -> list[Any]:
    found = list(islice(values, count))
    if len(found) < count:
        raise StopIteration
    return found


def _names(kind: type[Any]) -> tuple[str, ...]:
    known = _NAMES.get(kind)
    if known is None:
        known = _NAMES[kind] = tuple(field.name for field in fields(kind))
    return known


def _values(kind: type[Any]) -> Callable[[Any], Iterable[Any]]:
    """Reads all fields of a part at once; of one that has a single list, its values."""
    known = _VALUES.get(kind)
    if known is None:
        known = _VALUES[kind] = attrgetter(*_names(kind))
    return known


_NAMES: dict[type[Any], tuple[str, ...]] = {}
_VALUES: dict[type[Any], Callable[[Any], Iterable[Any]]] = {}
