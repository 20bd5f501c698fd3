"""Many sums in one integer: adding two of them adds every sum. Pure.

A year of a thousand stations is hundreds of thousands of station-days of some thirty sums. Python
adds integers of any length in one step of C, so a day of all stations is one integer: 64 bits a
sum, the first sum lowest, one station's sums after the other's. A year is then a few dozen
additions. No sum comes near 2^63: 10,000 stations with 100 people, all year, are 3e16 person-ms.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from struct import Struct

BITS = 64
_BYTES = BITS // 8


def packed(sums: Sequence[int]) -> bytes:
    """Sums as bytes; ValueError for one below 0, which would borrow from its neighbour."""
    try:
        return Struct(f"<{len(sums)}Q").pack(*sums)
    except struct.error:
        raise ValueError("a sum is 0 or more and below 2^64") from None


def number(blob: bytes) -> int:
    """The integer that adds."""
    return int.from_bytes(blob, "little")


def blob(total: int, count: int) -> bytes:
    """`number` taken back, for storing."""
    return total.to_bytes(count * _BYTES, "little")


def lanes(total: int, count: int) -> tuple[int, ...]:
    """The single sums of what was added."""
    return Struct(f"<{count}Q").unpack(blob(total, count))


def moved(total: int, lane: int, count: int, to: int) -> int:
    """`count` sums that begin at `lane`, moved so that they begin at `to`."""
    part = (total >> (lane * BITS)) & ((1 << (count * BITS)) - 1)
    return part << (to * BITS)


def rows(total: int, count: int, wanted: Iterable[int]) -> list[int]:
    """Of a table of rows of `count` sums each, these rows; one beyond the end is 0."""
    size = count * _BYTES
    whole = total.to_bytes(-(-total.bit_length() // 8), "little")
    return [int.from_bytes(whole[n * size : (n + 1) * size], "little") for n in wanted]


def whole(total: int, count: int, wanted: Sequence[int]) -> int:
    """The same rows added up; `wanted` in rising order.

    The upper half of a table is added to the lower, again and again: no row is cut out.
    """
    width = count * BITS
    left = -(-total.bit_length() // width)
    if list(wanted[:left]) != list(range(left)):
        mark = b"\xff" * (width // 8)
        total &= number(table(dict.fromkeys(wanted, mark), count))
    while left > 1:
        left = -(-left // 2)
        total = (total >> (left * width)) + (total & ((1 << (left * width)) - 1))
    return total


def table(found: Mapping[int, bytes], count: int) -> bytes:
    """Rows by their number as one table; a number that is not there is a row of zeros."""
    nothing = bytes(count * _BYTES)
    return b"".join(found.get(n, nothing) for n in range(max(found, default=-1) + 1))
