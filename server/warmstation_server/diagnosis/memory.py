"""A part's fields as plain JSON values and back, exactly; for the state of the diagnosis only.

All numbers with a fraction go into one run of little-endian doubles, deflated, in base85, in the
order of the fields: half the size of decimal digits, and bit for bit the same.
"""

from __future__ import annotations

import base64
import struct
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import fields
from itertools import groupby
from typing import Any

from warmstation_server.diagnosis.errors import BadState
from warmstation_server.diagnosis.regression import Regression

_FLOAT = "."
_RUN = "~"


def remembered(part: Any) -> dict[str, Any]:
    """The fields of a dataclass: their shape with "~n" for n floats, and the floats packed."""
    floats: list[float] = []
    shape = _shape(part, floats)
    raw = zlib.compress(struct.pack(f"<{len(floats)}d", *floats))
    packed = base64.b85encode(raw).decode()
    return {"shape": shape, "floats": packed}


def recall(part: Any, memory: object) -> None:
    """Sets the fields of a fresh part to what `remembered` gave. Raises BadState."""
    try:
        raw = zlib.decompress(base64.b85decode(memory["floats"]))  # type: ignore[index]
        floats = iter(struct.unpack(f"<{len(raw) // 8}d", raw))
        _fill(part, memory["shape"], floats)  # type: ignore[index]
    except (KeyError, TypeError, ValueError, StopIteration, struct.error, zlib.error) as error:
        raise BadState("the saved state is damaged or of another version") from error


def _shape(value: Any, floats: list[float]) -> Any:
    if isinstance(value, float):
        floats.append(value)
        return _FLOAT
    if isinstance(value, list):
        floats += value
        return f"{_FLOAT}{len(value)}"
    if isinstance(value, Regression):
        floats += value.spread
        floats += value.theta
        return None
    if hasattr(value, "__dataclass_fields__"):
        return _joined([_shape(getattr(value, field.name), floats) for field in fields(value)])
    return value


def _joined(shape: list[Any]) -> list[Any]:
    """Neighbouring floats as one entry: "~3" for three."""
    joined: list[Any] = []
    for is_float, run in groupby(shape, lambda entry: entry == _FLOAT):
        entries = list(run)
        joined += [f"{_RUN}{len(entries)}"] if is_float else entries
    return joined


def _parted(shape: list[Any]) -> list[Any]:
    parted: list[Any] = []
    for entry in shape:
        is_run = isinstance(entry, str) and entry.startswith(_RUN)
        parted += [_FLOAT] * int(entry[1:]) if is_run else [entry]
    return parted


def _fill(part: Any, shape: Any, floats: Iterator[float]) -> None:
    names = [field.name for field in fields(part)]
    parted = _parted(shape) if isinstance(shape, list) else []
    if len(parted) != len(names):
        raise BadState(f"{type(part).__name__}: {len(names)} values expected")
    for name, value in zip(names, parted, strict=True):
        current = getattr(part, name)
        if isinstance(current, Regression):
            _fill_model(current, floats)
        elif hasattr(current, "__dataclass_fields__"):
            _fill(current, value, floats)
        elif value == _FLOAT:
            setattr(part, name, next(floats))
        elif isinstance(value, str) and value.startswith(_FLOAT):
            setattr(part, name, [next(floats) for _ in range(int(value[1:]))])
        else:
            setattr(part, name, value)


def _fill_model(model: Regression, floats: Iterator[float]) -> None:
    model.spread = array("d", [next(floats) for _ in model.spread])
    model.theta = [next(floats) for _ in model.theta]
