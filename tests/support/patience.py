"""Waiting for something real to happen: on a condition, with a deadline, never for a fixed time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable

_NEVER = threading.Event()
_START_S = 0.1
PATIENCE_S = 60.0
"""With a machine that has much else to do; nobody waits longer than it takes."""


def eventually(
    happened: Callable[[], object],
    within_s: float = PATIENCE_S,
    doing: Callable[[], object] | None = None,
) -> None:
    """Return once `happened()` is true; AssertionError after the deadline. `doing` turns agents."""
    deadline = time.monotonic() + within_s
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen within {within_s} s")
        if doing is not None:
            doing()
        _NEVER.wait(0.01)


class Stopwatch:
    """Seconds as they would be on an idle machine, by the slowest start of Python meanwhile."""

    def __enter__(self) -> Stopwatch:
        self._ended = threading.Event()
        self._slowness = [1.0]
        self._measuring = threading.Thread(target=self._measure)
        self._measuring.start()
        self._began = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        took = time.monotonic() - self._began
        self._ended.set()
        self._measuring.join()
        self.seconds = took / max(self._slowness)

    def _measure(self) -> None:
        while not self._ended.wait(0.2):
            self._slowness.append(_slowness())


def _slowness() -> float:
    """How many times slower than on an idle machine Python starts now; at least 1."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-I", "-c", ""], check=True)
    return max(1.0, (time.monotonic() - began) / _START_S)
