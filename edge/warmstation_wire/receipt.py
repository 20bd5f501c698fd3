"""The server's proof of delivery: these reports are committed and may be deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Self

from pydantic import Field, field_validator

from warmstation_wire.parts import MAX_COUNT, Payload, Stream, Version

SeqRange = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,15}(-[1-9][0-9]{0,15})?$")]


class Receipt(Payload):
    """Committed `seq` numbers of one stream, as ranges: `["1200-1234", "1300"]`."""

    v: Version = 1
    stream: Stream
    seqs: Annotated[
        tuple[SeqRange, ...], Field(min_length=1, max_length=500, examples=[["1200-1234", "1300"]])
    ]

    @field_validator("seqs")
    @classmethod
    def _rising(cls, seqs: tuple[str, ...]) -> tuple[str, ...]:
        for text in seqs:
            first, last = _bounds(text)
            if first > last or last > MAX_COUNT:
                raise ValueError(f"{text!r} is not a rising range of sequence numbers")
        return seqs

    @classmethod
    def of(cls, stream: str, seqs: Iterable[int]) -> Self:
        """A receipt for these numbers, in any order, repeats allowed."""
        return cls(stream=stream, seqs=tuple(_text(*pair) for pair in ranges(seqs)))

    def bounds(self) -> Iterator[tuple[int, int]]:
        """First and last number of each range, both included."""
        return (_bounds(text) for text in self.seqs)


def ranges(seqs: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Runs of consecutive numbers, rising: `1 2 3 7` gives `(1, 3) (7, 7)`."""
    first = last = None
    for seq in sorted(set(seqs)):
        if first is None or last is None:
            first = last = seq
        elif seq == last + 1:
            last = seq
        else:
            yield first, last
            first = last = seq
    if first is not None and last is not None:
        yield first, last


def _bounds(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def _text(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
