"""Threads for what may take its time: the card, slow sensors, name servers.

`Threads` never keeps a process from ending: a read that hangs in the kernel would hold up an
orderly stop for as long as it hangs (concurrent.futures waits for its threads when Python ends).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Inline(Executor):
    """An executor that runs what it is given at once, for work that never blocks."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run it here and hand back a future that is done."""
        future: Future[T] = Future()
        _fulfil(future, partial(fn, *args, **kwargs))
        return future


class Threads(Executor):
    """At most so many daemon threads, each made when it is needed; work is begun in order."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._count = 0
        self._is_shut = False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run it on a thread; RuntimeError after `shutdown`, or where no thread can be had."""
        future: Future[T] = Future()
        with self._lock:
            if self._is_shut:
                raise RuntimeError(f"{self._name}: no more work is taken")
            if self._count < self._most and not self._idle.acquire(blocking=False):
                name = f"{self._name}-{self._count}"
                threading.Thread(target=self._serve, name=name, daemon=True).start()
                self._count += 1
            self._work.put(partial(_begin, future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; who is idle ends, who hangs is left. Waits for nobody."""
        with self._lock:
            if not self._is_shut:
                self._is_shut = True
                for _ in range(self._count):
                    self._work.put(None)

    def _serve(self) -> None:
        while True:
            work = self._work.get()
            if work is None:
                return
            work()
            del work  # or what it came from would live until there is more to do
            self._idle.release()


def _begin(future: Future[T], work: Callable[[], T]) -> None:
    if future.set_running_or_notify_cancel():
        _fulfil(future, work)


def _fulfil(future: Future[T], work: Callable[[], T]) -> None:
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - an executor hands on whatever its work raised
        future.set_exception(error)
    else:
        future.set_result(result)
