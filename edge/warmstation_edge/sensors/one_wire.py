"""All probes of the 1-Wire bus converted at once: 750 ms for all instead of 750 ms for each.

Documentation/w1/slaves/w1_therm.rst: writing `trigger` to a master's therm_bulk_read makes every
probe convert, and the next read of each takes the result from its memory. Kernels before 5.9 and
users who may not write there have no such thing; then each probe converts when it is read.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock

_TRIGGER = b"trigger\n"


class BulkConversion:
    """Shared by the probes below one root; threads that read probes call it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()
        self._taken: set[str] = set()
        self._is_fresh = False

    def before(self, probe: str) -> None:
        """Make all probes convert, unless this one's result of the last time is untaken.

        Blocks while they convert.
        """
        with self._lock:
            if self._is_fresh and probe not in self._taken:
                self._taken.add(probe)
                return
            self._is_fresh = self._trigger()
            self._taken = {probe}

    def _trigger(self) -> bool:
        done = False
        for file in sorted(self._root.glob("w1_bus_master*/therm_bulk_read")):
            try:
                descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
                try:
                    os.write(descriptor, _TRIGGER)
                finally:
                    os.close(descriptor)
                done = True
            except OSError:  # no right to, or the bus has gone: the probes convert one by one
                continue
        return done
