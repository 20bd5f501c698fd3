"""The card's own time: what is read from it or written to it happens away from the agent's turn.

A worn SD card may take half a minute for one fsync. One errand at a time is under way, on the
executor that was given; what came of it is told in the turn, when `collect` is called. Who comes
while the card is busy asks again with the next turn. Only `outbox` may call this room.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from typing import Any, TypeVar

from warmstation_edge.clock import Clock

T = TypeVar("T")
_log = logging.getLogger(__name__)
STALLED_S = 5.0
"""No errand takes so long on a card that is well."""
TOLD_S = 600.0
"""A card that stalled once is told of for so long: it will again."""


class Card:
    """Does errands, and knows whether it hangs. One thread at a time may call it."""

    def __init__(self, executor: Executor, clock: Clock) -> None:
        self._executor = executor
        self._clock = clock
        self._under_way: tuple[Future[Any], Callable[[Future[Any]], None]] | None = None
        self._since = 0.0
        self._stalled_at: float | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an errand is under way, or has not been collected."""
        return self._under_way is not None

    def give(self, work: Callable[[], T], then: Callable[[Future[T]], None]) -> None:
        """Begin an errand; `then` hears of its end, in this call if it has ended by then."""
        self._since = self._clock.monotonic()
        self._under_way = self._executor.submit(work), then
        self.collect()

    def collect(self) -> None:
        """Tell what came of the errand, if it has ended."""
        now = self._clock.monotonic()
        if self._under_way is None:
            return
        if now - self._since >= STALLED_S:
            if not self.is_stalled:
                _log.warning("the card has been busy for %.0f s: reports wait", now - self._since)
            self._stalled_at = now
        future, then = self._under_way
        if future.done():
            self._under_way = None
            then(future)

    def settle(self, until: float, go: Callable[[], None]) -> bool:
        """Wait until nothing is under way and `go` gives nothing more; whether that was so before
        `until` (time.monotonic). For the beginning and the end of an agent: nothing else waits."""
        while self._under_way is not None:
            wait([self._under_way[0]], max(0.0, until - time.monotonic()))
            self.collect()
            if self._under_way is not None:
                return False
            go()
        return True

    def leave(self, work: Callable[[], None]) -> None:
        """Have this done after all else; nobody hears of it."""
        self._executor.submit(work)

    @property
    def is_stalled(self) -> bool:
        """Whether an errand took too long just now, or a while ago."""
        now = self._clock.monotonic()
        return self._stalled_at is not None and now - self._stalled_at < TOLD_S
