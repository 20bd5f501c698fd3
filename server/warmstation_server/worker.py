"""A thread of the server that must not end by itself; serve watches them.

They are daemons: at the end of the server nobody waits for one that will not end, since what
counts is committed before it is acknowledged.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable

from warmstation_server.errors import ServerFailed

log = logging.getLogger(__name__)

AGAIN_S = 30.0


class Worker(threading.Thread):
    """Runs one part of the server and remembers what ended it."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._failure: Exception | None = None

    def run(self) -> None:
        """Work; what goes wrong is kept for `check`."""
        try:
            self._work()
        except Exception as error:
            log.exception("%s failed", self.name)
            self._failure = error

    def check(self) -> None:
        """ServerFailed with the reason where the thread has ended."""
        if not self.is_alive():
            reason = self._failure or "it ended by itself"
            raise ServerFailed(f"the server's {self.name} failed: {reason}") from self._failure


def outlasting(
    work: Callable[[threading.Event], object], stop: threading.Event
) -> Callable[[], None]:
    """Work that goes on after a disk that was full or away for a while: that is said, and it begins
    again. Riders still read meanwhile, and reports are the pipeline's own matter."""

    def lasts() -> None:
        while not stop.is_set():
            try:
                work(stop)
            except (OSError, sqlite3.OperationalError) as error:
                log.warning("%s waits: %s", threading.current_thread().name, error)
                stop.wait(AGAIN_S)

    return lasts


def watch(workers: Iterable[Worker], stop: threading.Event) -> None:
    """Return when `stop` is set; ServerFailed as soon as one of the workers ends before."""
    while not stop.wait(0.25):
        for worker in workers:
            if not worker.is_alive() and not stop.is_set():  # in this order: it ended, and unasked
                worker.check()
