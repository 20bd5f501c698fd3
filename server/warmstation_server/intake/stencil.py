"""A report's text with holes where values stand: reads what is written in the very same form. Pure.

A station writes all its reports in one form, and only values change. JSON has a comma between any
two values, so a report is cut at its commas, and each piece is a fixed text or has one value. It
costs a third of parsing and checking JSON; whatever does not fit is read in the contract's own way.
`cutting` makes stencils, `stencils` finds the right one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import getitem, itemgetter
from typing import Any, NamedTuple

from warmstation_wire.parts import MAX_COUNT, MAX_PAYLOAD_BYTES

_Pick = Callable[[Sequence[Any]], Sequence[Any]]


class Value(NamedTuple):
    """A value of the row: which of the pieces says it, and what each text of that piece says."""

    piece: int
    numbers: Mapping[bytes, float]


class Hole(NamedTuple):
    """A piece of the identity: which of the pieces, and how it is written."""

    piece: int
    pattern: bytes


class Time(NamedTuple):
    """When it was measured: which of the pieces says it, and what each text of that piece says."""

    piece: int
    moments: Mapping[bytes, int]


class Owner(NamedTuple):
    """Whose reports they are; `pieces` say so in the text."""

    pieces: Sequence[bytes]
    station: str
    stream: str


Identity = tuple[str, str, int, int]
"""Station, stream, `seq`, and when it was measured in µs."""


class Stencil:
    """One form.

    `text`: a report of this form, in pieces. `identity`: station, stream and seq. `values`: of the
    whole row, as `codec.flatten` has it.
    """

    def __init__(
        self,
        text: Sequence[bytes],
        identity: Sequence[Hole],
        time: Time,
        values: Sequence[Value],
    ) -> None:
        self._count = len(text)
        (self._seq_at, seq), (self._time_at, self._moments) = identity[2], time
        self._seq = re.compile(seq).fullmatch
        self._names = [re.compile(hole.pattern).fullmatch for hole in identity[:2]]
        self._name_pieces = _picker([hole.piece for hole in identity[:2]])
        holes = {time.piece, *(one.piece for one in identity), *(one.piece for one in values)}
        self._fixed_pieces = _picker([at for at in range(len(text)) if at not in holes])
        self._fixed = self._fixed_pieces(text)
        self._value_pieces = _picker([one.piece for one in values])
        self._numbers = [one.numbers for one in values]

    def owner(self, payload: bytes) -> Owner | None:
        """Whose report this is; None where it has another form."""
        pieces = payload.split(b",")
        if len(pieces) != self._count:
            return None
        own = self._name_pieces(pieces)
        station, stream = (match(piece) for match, piece in zip(self._names, own, strict=True))
        if station is None or stream is None:
            return None
        return Owner(own, station[1].decode(), stream[1].decode())

    def read(self, payload: bytes, owner: Owner) -> tuple[Identity, list[float]] | None:
        """What this owner says, values as `codec.flatten` has them.

        None where the form or the owner is another, or something in it is wrong.
        """
        if len(payload) > MAX_PAYLOAD_BYTES:
            return None
        pieces = payload.split(b",")
        if (
            len(pieces) != self._count
            or self._name_pieces(pieces) != owner.pieces
            or self._fixed_pieces(pieces) != self._fixed
        ):
            return None
        seq = self._seq(pieces[self._seq_at])
        if seq is None or (number := int(seq[1])) > MAX_COUNT:
            return None
        try:
            row = list(map(getitem, self._numbers, self._value_pieces(pieces)))
            measured_us = self._moments[pieces[self._time_at]]
        except (KeyError, ValueError):
            return None
        return (owner.station, owner.stream, number, measured_us), row


def _picker(places: Sequence[int]) -> _Pick:
    """Takes the values at these places; `itemgetter` makes a tuple of two or more only."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: [values[place] for place in places]
