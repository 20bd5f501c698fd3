"""A card that hangs when a test says so: nothing given to it is done until it comes back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, TypeVar

from warmstation_edge.threads import Inline

T = TypeVar("T")


class HangingCard(Executor):
    """An executor of one thread, without one: work is done at once, or in order by `step`.

    `free`: so many errands are done before it hangs.
    """

    def __init__(self) -> None:
        self.hangs = False
        self.free = 0
        self._work: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Do it, unless the card hangs."""
        is_free = self.free > 0
        self.free -= is_free
        if (is_free or not self.hangs) and not self._work:
            return Inline().submit(fn, *args, **kwargs)
        future: Future[T] = Future()
        self._work.append((future, partial(fn, *args, **kwargs)))
        return future

    @property
    def waiting(self) -> int:
        """How many errands it has been given and not done."""
        return len(self._work)

    def step(self) -> None:
        """Do one, the oldest."""
        future, work = self._work.pop(0)
        done = Inline().submit(work)
        error = done.exception()
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(done.result())

    def come_back(self) -> None:
        """It has done all that it was given, and hangs no longer."""
        self.hangs = False
        while self._work:
            self.step()
