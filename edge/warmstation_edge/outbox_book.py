"""The outbox's memory: what waits, what of it the card lacks, and which numbers are whose.

`outbox` and `outbox_keeper` share it; nobody else may.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from warmstation_edge.dating import Boots
from warmstation_edge.unwritten import Unwritten
from warmstation_edge.waiting import Waiting

SEQ_BLOCK = 1000
"""Numbers reserved by one write, before the last half of them is begun: at one report a minute, one
write in 16 hours."""
_FIRST_WITHOUT_FILE = 2**40
"""Where numbers start while the file cannot be read: above any that it may hold."""


@dataclass(slots=True)
class Book:
    """`next` is the number of the next report, `reserved` the last that the card was told of or
    will be; `lost`: what a damaged file held, until it is found again."""

    boots: Boots
    waiting: Waiting = field(default_factory=Waiting)
    unwritten: Unwritten = field(default_factory=Unwritten)
    stream: str = field(default_factory=lambda: secrets.token_hex(6))
    next: int = _FIRST_WITHOUT_FILE
    reserved: int = _FIRST_WITHOUT_FILE - 1
    dropped: int = 0
    counters: Mapping[str, Any] | None = None
    lost: Sequence[int] = ()

    def number(self) -> tuple[int, bool]:
        """The next number, and whether more have to be reserved. Where the card hangs, numbers that
        it was not told of are used nevertheless: a run that does not end in order ends its stream
        too."""
        number, self.next = self.next, self.next + 1
        is_short = self.reserved - self.next < SEQ_BLOCK // 2
        if is_short:
            self.reserved += SEQ_BLOCK
        return number, is_short

    def after(self, used: int) -> None:
        """These numbers were used, or reserved, in earlier runs."""
        is_first = self.next == _FIRST_WITHOUT_FILE
        self.next = used + 1 if is_first else max(used + 1, self.next)
        self.reserved = self.next + SEQ_BLOCK - 1

    def forget(self, seq: int, now: float) -> None:
        """A report waits no longer."""
        self.waiting.remove(seq)
        self.unwritten.forget(seq, now)

    def drop(self, seq: int, now: float) -> None:
        """A report is lost, and counted."""
        self.forget(seq, now)
        self.dropped += 1

    def lose_card(self) -> None:
        """All that was on the card only counts as dropped, until it is found again."""
        on_card = [seq for seq in self.waiting if seq not in self.unwritten]
        for seq in on_card:
            self.waiting.remove(seq)
        self.lost = [*self.lost, *on_card]
        self.dropped += len(on_card)
