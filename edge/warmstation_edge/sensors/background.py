"""A sensor whose answer takes a while, read again and again on an executor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Generic, TypeVar

from warmstation_edge.errors import BadCrc, ForeignAnswer, NoLibrary
from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.slow import Slow

T = TypeVar("T")


class Background(Generic[T]):
    """What the device said last; `waiting` until it has spoken. Turned by the sampler.

    `ask` may take its time and raise; OSError (no answer on the bus) becomes `absent`.
    """

    def __init__(
        self, name: str, ask: Callable[[], Reading[T]], executor: Executor, every_s: float
    ) -> None:
        self.name = name
        self._slow = Slow(name, lambda: answered(ask), executor)
        self._every_s = every_s
        self._next_at = 0.0
        self._last: Reading[T] = Reading.without(Missing.WAITING)

    def turn(self, now: float) -> None:
        """Take what has come, and ask again when it is time."""
        self._take(now)
        if now >= self._next_at:
            self._next_at = now + self._every_s
            self._slow.start(now)
            self._take(now)

    def read(self, now: float) -> Reading[T]:
        """What it said last."""
        return self._last

    def close(self) -> None:
        """Nothing is held: the bus is closed by whoever opened it."""

    def _take(self, now: float) -> None:
        finished = self._slow.finished(now)
        if finished is not None:
            self._last = finished


def answered(ask: Callable[[], Reading[T]]) -> Reading[T]:
    """The device's reading, or what became of the question."""
    try:
        return ask()
    except NoLibrary as error:
        return Reading.without(Missing.NO_LIBRARY, str(error))
    except BadCrc as error:
        return Reading.without(Missing.CRC, str(error))
    except ForeignAnswer as error:
        return Reading.without(Missing.FOREIGN, str(error))
    except OSError as error:
        return Reading.without(Missing.ABSENT, str(error))
