"""Waiting for something real to happen: on a condition, with a deadline, never for a fixed time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_NEVER = threading.Event()


def eventually(
    happened: Callable[[], object],
    within_s: float = 10.0,
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
