"""A share of a processor for what can wait: reports come first. For threads beside the pipeline."""

from __future__ import annotations

import time
from threading import Event

SHARE = 0.3
"""Of one processor, at most."""
_SLICE_S = 0.02


class Share:
    """Called between two pieces of work, by one thread."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._began_s = time.thread_time()

    def __call__(self) -> bool:
        """Rest, where more than SHARE was used; whether it is told to stop."""
        worked_s = time.thread_time() - self._began_s
        if worked_s >= _SLICE_S:
            self._stop.wait(worked_s * (1.0 / SHARE - 1.0))
            self._began_s = time.thread_time()
        return self._stop.is_set()
