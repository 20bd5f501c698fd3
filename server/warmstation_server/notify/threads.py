"""Runs senders, each in a thread of its own that nobody has to wait for at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """At most one sender a channel runs at once, so there are never more than channels.

    They are daemons: a vendor that does not answer must not hold up the end of the server.
    """

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Begin; the future has the result."""
        future: Future[T] = Future()
        threading.Thread(target=_run, args=(work, future), name="sender", daemon=True).start()
        return future


def _run(work: Callable[[], T], future: Future[T]) -> None:
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
        future.set_exception(error)
