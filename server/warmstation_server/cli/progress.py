"""How far a long command has come: a bar on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_EVERY_S = 20.0


class Share:
    """The share of the work that is done, on stderr; with `with`.

    `clock`: seconds, from any beginning.
    """

    def __init__(self, words: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._words, self._clock = words, clock
        self._began_s = self._told_s = clock()
        self._is_plain = not sys.stderr.isatty()
        console = Console(stderr=True, highlight=False)
        columns = TextColumn(words), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
        self._bar = Progress(*columns, console=console, disable=self._is_plain)
        self._task = self._bar.add_task(words, total=1.0)

    def __enter__(self) -> Share:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, done: float) -> None:
        """So much is done, of 1."""
        self._bar.update(self._task, completed=done)
        now_s = self._clock()
        if self._is_plain and now_s - self._told_s >= _EVERY_S and done > 0.0:
            self._told_s = now_s
            left_s = (now_s - self._began_s) * (1.0 - done) / done
            typer.echo(f"{self._words}: {done:.0%}, about {lasting(left_s)} left", err=True)

    @property
    def taken(self) -> str:
        """How long it has taken until now, in words."""
        return lasting(self._clock() - self._began_s)


def lasting(seconds: float) -> str:
    """`40 s`, `3 min 20 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
