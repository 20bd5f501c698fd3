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
_MOST_WHOLES = 10_000


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
    for i, wholes in enumerate(_WHOLES):
        whole = _whole(values, wholes)
        if whole is not None:
            return _steps(whole, i)
    return _mark(_DOUBLES) + column.tobytes()


class _Wholes(dict[float, int]):
    """Values as whole numbers of 1/scale: a sensor's are few, each is looked at once.

    ValueError where a value is none; so much is kept at most, then all is looked at again.
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def __missing__(self, value: float) -> int:
        whole = round(value * self.scale)
        if whole / self.scale != value:
            raise ValueError(value)
        if len(self) >= _MOST_WHOLES:
            self.clear()
        self[value] = whole
        return whole


_WHOLES = [_Wholes(scale) for scale in _SCALES]


def _whole(values: list[float], wholes: _Wholes) -> list[int] | None:
    scale, last = wholes.scale, values[-1]
    try:
        if round(last * scale) / scale != last:
            return None
        return list(map(wholes.__getitem__, values))
    except (ValueError, OverflowError):  # of another scale, or NaN: not measured
        return None


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
