"""Rows of one shape as compressed columns, and back, exactly.

A column is constant, or whole numbers of 1/scale with small steps, or doubles as they are. What
the sensors give has one to three decimals, so most columns are steps of one byte.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import sub

from warmstation_server.history.codec import HEADER

_CONSTANT, _DOUBLES = 0, 255
_SCALES = (1, 10, 100, 1000)
_WIDTHS = "bhiq"
_LEVEL, _WINDOW_BITS, _MEMORY = 1, 12, 5
"""A small state: the default one costs more to set up than a chunk costs to compress."""
_INTEGERS = len(HEADER)


def packed(rows: Sequence[bytes]) -> bytes:
    """Compress rows (as Shape.row packs them, all of one length)."""
    width = len(rows[0]) // 8
    joined = b"".join(rows)
    words, doubles = array("q", joined), array("d", joined)
    parts: list[bytes] = []
    for i in range(width):
        raw = doubles[i::width].tobytes()
        if raw == raw[:8] * len(rows):
            parts += (_mark(_CONSTANT), raw[:8])
        elif i < _INTEGERS:
            parts.append(_steps(words[i::width], 0))
        else:
            parts.append(_floats(doubles[i::width]))
    return _pressed(b"".join(parts))


def unpacked(blob: bytes, count: int, columns_asked: int = sys.maxsize) -> list[Sequence[float]]:
    """The (first so many) columns of `count` rows: HEADER as integers, the others as floats."""
    data = zlib.decompress(blob)
    columns: list[Sequence[float]] = []
    at = 0
    while at < len(data) and len(columns) < columns_asked:
        kind = data[at]
        is_integer = len(columns) < _INTEGERS
        at += 1
        if kind == _CONSTANT:
            first = array("q" if is_integer else "d", data[at : at + 8])
            columns.append(first.tolist() * count)
            at += 8
        elif kind == _DOUBLES:
            columns.append(array("d", data[at : at + 8 * count]).tolist())
            at += 8 * count
        else:
            whole, at = _whole_numbers(data, at, _WIDTHS[(kind - 1) % len(_WIDTHS)], count)
            scale = _SCALES[(kind - 1) // len(_WIDTHS)]
            columns.append(whole if is_integer else [n / scale for n in whole])
    return columns


def renumbered(blob: bytes, count: int, numbers: Sequence[Mapping[int, int]]) -> bytes:
    """The same rows with other values in the first columns, which are integers."""
    data = zlib.decompress(blob)
    parts: list[bytes] = []
    at = 0
    for mapping in numbers:
        kind = data[at]
        if kind == _CONSTANT:
            (was,) = array("q", data[at + 1 : at + 9])
            parts += (_mark(_CONSTANT), array("q", [mapping[was]]).tobytes())
            at += 9
        else:
            whole, at = _whole_numbers(data, at + 1, _WIDTHS[kind - 1], count)
            parts.append(_steps([mapping[was] for was in whole], 0))
    return _pressed(b"".join((*parts, data[at:])))


def _pressed(data: bytes) -> bytes:
    press = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY)
    return press.compress(data) + press.flush()


def _mark(kind: int) -> bytes:
    return bytes((kind,))


def _floats(column: array[float]) -> bytes:
    """Whole numbers of the coarsest scale that gives every value back, else the doubles."""
    values = column.tolist()
    distinct = list(set(values))  # a sensor's steps are few: each is looked at once
    for i, scale in enumerate(_SCALES):
        whole = _whole(distinct, scale)
        if whole is not None:
            numbers = dict(zip(distinct, whole, strict=True))
            return _steps(list(map(numbers.__getitem__, values)), i)
    return _mark(_DOUBLES) + column.tobytes()


def _whole(values: list[float], scale: int) -> list[int] | None:
    try:
        if round(values[-1] * scale) / scale != values[-1]:
            return None
        whole = list(map(round, [value * scale for value in values]))
    except (ValueError, OverflowError):  # NaN: not measured
        return None
    return whole if [n / scale for n in whole] == values else None


def _steps(whole: Sequence[int], scale_index: int) -> bytes:
    steps = list(map(sub, whole[1:], whole))
    for i, width in enumerate(_WIDTHS):
        try:
            body = array(width, steps)
        except OverflowError:
            continue
        kind = 1 + scale_index * len(_WIDTHS) + i
        return _mark(kind) + array("q", whole[:1]).tobytes() + body.tobytes()
    raise OverflowError("a step does not fit into 64 bits")


def _whole_numbers(data: bytes, at: int, width: str, count: int) -> tuple[list[int], int]:
    steps = array(width)
    end = at + 8 + steps.itemsize * (count - 1)
    first = array("q", data[at : at + 8])[0]
    steps.frombytes(data[at + 8 : end])
    return list(accumulate(steps, initial=first)), end
