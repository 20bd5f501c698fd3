"""Readings that take their time, made on an executor so that nobody waits for them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Generic, TypeVar

from warmstation_edge.reading import Missing, Reading

T = TypeVar("T")
STALE_AFTER_S = 30.0
_log = logging.getLogger(__name__)


class Slow(Generic[T]):
    """At most one reading under way; one that hangs leaves its sensor `stale` and only that."""

    def __init__(self, name: str, read: Callable[[], Reading[T]], executor: Executor) -> None:
        self.name = name
        self._read = read
        self._executor = executor
        self._under_way: Future[Reading[T]] | None = None
        self._since = 0.0

    def start(self, now: float) -> None:
        """Begin a reading, unless the last one is still under way."""
        if self._under_way is None:
            self._since = now
            try:
                self._under_way = self._executor.submit(self._read)
            except RuntimeError as error:  # the executor is shutting down
                _log.warning("%s is not read any more: %s", self.name, error)

    def finished(self, now: float) -> Reading[T] | None:
        """The reading that has come since the last call, `stale` for one that hangs, or None."""
        if self._under_way is None:
            return None
        if not self._under_way.done():
            hangs = now - self._since >= STALE_AFTER_S
            return Reading.without(Missing.STALE) if hangs else None
        future, self._under_way = self._under_way, None
        try:
            return future.result()
        except Exception as error:  # noqa: BLE001 - whatever a driver raises, the rest goes on
            _log.warning("%s cannot be read: %s", self.name, error)
            return Reading.without(Missing.ABSENT)
