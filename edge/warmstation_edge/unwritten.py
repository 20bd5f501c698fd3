"""What the card lacks: reports that wait in memory, and rows of it that wait no longer.

Only `outbox` may call this room. While a batch is under way its reports are here still: they are
sent from memory, and stay here if the card refuses them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written and deleted together."""

    added: dict[int, bytes]
    gone: frozenset[int]


_NOTHING = Batch({}, frozenset())


class Unwritten:
    """By number, in the order in which they came; times in monotonic seconds."""

    def __init__(self) -> None:
        self._fresh: dict[int, tuple[float, bytes]] = {}
        self._gone: set[int] = set()
        self._gone_since = 0.0
        self._under_way = _NOTHING
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._fresh)

    def __contains__(self, seq: int) -> bool:
        return seq in self._fresh

    def __iter__(self) -> Iterator[int]:
        return iter(self._fresh)

    @property
    def is_nothing(self) -> bool:
        """Whether the card has it all, or is about to."""
        return not self._gone and self._fresh.keys() == self._under_way.added.keys()

    def payload(self, seq: int) -> bytes | None:
        """A report that is in memory still."""
        fresh = self._fresh.get(seq)
        return fresh[1] if fresh else None

    def add(self, seq: int, payload: bytes, now: float) -> None:
        """A report has been made."""
        self._fresh[seq] = (now, payload)
        self.size_bytes += len(payload)

    def forget(self, seq: int, now: float) -> None:
        """A report waits no longer; the card has to forget it where it has it, or may have."""
        fresh = self._fresh.pop(seq, None)
        if fresh is not None:
            self.size_bytes -= len(fresh[1])
            if seq not in self._under_way.added:
                return
        if not self._gone:
            self._gone_since = now
        self._gone.add(seq)

    def is_gone(self, seq: int) -> bool:
        """Whether a row that the card may have waits no longer."""
        return seq in self._gone

    def since(self) -> float:
        """Since when something waits to be written; infinity where nothing does."""
        waiting = (at for seq, (at, _) in self._fresh.items() if seq not in self._under_way.added)
        oldest = next(waiting, math.inf)
        return min(oldest, self._gone_since) if self._gone else oldest

    def begin(self) -> Batch:
        """All of it, to be written now; `settle` says what became of it."""
        added = {seq: payload for seq, (_, payload) in self._fresh.items()}
        self._under_way = Batch(added, frozenset(self._gone))
        self._gone = set()
        return self._under_way

    def settle(self, is_written: bool, now: float) -> None:
        """The batch that was begun is on the card, or is not."""
        batch, self._under_way = self._under_way, _NOTHING
        if not is_written:
            if batch.gone and not self._gone:
                self._gone_since = now
            self._gone |= batch.gone
            return
        for seq in batch.added:
            fresh = self._fresh.pop(seq, None)
            if fresh is not None:
                self.size_bytes -= len(fresh[1])
