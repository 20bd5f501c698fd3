"""What waits in the outbox, by number: the book that `outbox` keeps of its memory and its file.

Only `outbox` may call this room. Numbers rise in the order in which they were added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import chain, takewhile

from warmstation_edge.outbox_rows import Row

_ROW_BYTES = 64
"""What a row takes in the file beside its payload."""
_PAGE_BYTES = 4096


class Waiting:
    """Rows by seq, safety events apart from ordinary reports; `size_bytes` of all in the file."""

    def __init__(self) -> None:
        self._ordinary: dict[int, Row] = {}
        self._urgent: dict[int, Row] = {}
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._ordinary) + len(self._urgent)

    def __contains__(self, seq: int) -> bool:
        return seq in self._ordinary or seq in self._urgent

    def __iter__(self) -> Iterator[int]:
        """Numbers, rising."""
        return merge(self._ordinary, self._urgent)

    def __getitem__(self, seq: int) -> Row:
        return self._ordinary.get(seq) or self._urgent[seq]

    def add(self, seq: int, row: Row) -> None:
        """Enter a row; its number is above all others."""
        (self._urgent if row.urgent else self._ordinary)[seq] = row
        self.size_bytes += cost_bytes(row.size)

    def remove(self, seq: int) -> None:
        """Strike a row out."""
        row = self._ordinary.pop(seq, None) or self._urgent.pop(seq)
        self.size_bytes -= cost_bytes(row.size)

    def take_in(self, older: Mapping[int, Row]) -> None:
        """Enter rows that were found in a file, among those that are here."""
        rows = {**older, **self._ordinary, **self._urgent}
        self._ordinary, self._urgent, self.size_bytes = {}, {}, 0
        for seq in sorted(rows):
            self.add(seq, rows[seq])

    def oldest(self, among: Iterable[int] | None = None) -> int:
        """The number to drop first: the oldest ordinary one, else the oldest safety event."""
        if among is None:
            return next(chain(self._ordinary, self._urgent))
        numbers = list(among)
        return next((seq for seq in numbers if seq in self._ordinary), numbers[0])

    def newest(self) -> int:
        """The highest number; 0 where there is none."""
        both = (next(reversed(rows), 0) for rows in (self._ordinary, self._urgent))
        return max(both)

    def above(self, after: int) -> list[int]:
        """Numbers above `after`, the newest first."""
        both = (reversed(self._ordinary), reversed(self._urgent))
        return sorted(
            chain(*(takewhile(lambda seq: seq > after, rows) for rows in both)), reverse=True
        )

    def of(self, stream: str, first: int, last: int) -> list[int]:
        """The numbers of a stream from `first` to `last`, both included; the span may be huge."""
        if last - first < len(self):
            found: Iterable[int] = (seq for seq in range(first, last + 1) if seq in self)
        else:
            found = (seq for seq in self if first <= seq <= last)
        return [seq for seq in found if self[seq].stream == stream]


def cost_bytes(size: int) -> int:
    """What a payload of this size costs in a file of pages: its share of one, where whole rows fit
    in, or as many as it needs. Of two kilobytes one fits, and the other half stays empty."""
    row = size + _ROW_BYTES
    fit = _PAGE_BYTES // row
    return -(-_PAGE_BYTES // fit) if fit else -(-row // _PAGE_BYTES) * _PAGE_BYTES
