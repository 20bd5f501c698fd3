"""Time as the agent knows it: a wall clock that may be wrong and a monotonic one that is not."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from warmstation_edge.threads import Inline
from warmstation_edge.time_source import TimeSource
from warmstation_wire.parts import FIRST_MOMENT, LAST_MOMENT
from warmstation_wire.report import ClockQuality

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_ASKS_BATTERY_S = 60.0


class Clock(Protocol):
    """Handed to everything that needs the time; tests and the simulator have their own."""

    def now(self) -> datetime:
        """Wall clock, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since boot, never stepping; comparable within one boot only."""
        ...

    def is_synced(self) -> bool:
        """Whether the wall clock has been set from a trusted source since boot."""
        ...

    def quality(self) -> ClockQuality:
        """`synced`; `estimated` where a battery has kept the time; `unsynced` where nobody has."""
        ...

    def is_awaited(self) -> bool:
        """Whether it is worth waiting a moment: the clock is about to be set."""
        ...

    def boot_id(self) -> str:
        """Which boot `monotonic` counts from; no two boots have the same."""
        ...


def _wall() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """The machine's clocks; `source` knows who has set the wall clock. A battery clock is asked on
    `executor`: it hangs on I2C, and a bus that hangs takes seconds.

    A time that the contract does not know (a kernel takes years up to 2232) is told as the nearest
    that it does, and as `unsynced`, whoever has set it.
    """

    def __init__(
        self,
        source: TimeSource | None = None,
        wall: Callable[[], datetime] = _wall,
        executor: Executor | None = None,
    ) -> None:
        self._source = source or TimeSource()
        self._wall = wall
        self._executor = executor or Inline()
        self._asked: Future[bool] | None = None
        self._is_kept = False
        self._asks_battery_at = 0.0

    def now(self) -> datetime:
        """Wall clock, aware, UTC."""
        return min(max(self._wall(), FIRST_MOMENT), LAST_MOMENT)

    def monotonic(self) -> float:
        """Seconds since boot, counting suspend (CLOCK_BOOTTIME)."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def is_synced(self) -> bool:
        """True once a time server has set the clock in this boot."""
        return self._source.is_set() and self.now() < LAST_MOMENT

    def quality(self) -> ClockQuality:
        """Who has set the clock; a battery clock is read once a minute."""
        if self.is_synced():
            return "synced"
        now = self.monotonic()
        if now >= self._asks_battery_at and self._asked is None:
            self._asks_battery_at = now + _ASKS_BATTERY_S
            with suppress(RuntimeError):  # no thread can be had just now
                self._asked = self._executor.submit(lambda: self._source.is_kept(time.time()))
        if self._asked is not None and self._asked.done():
            self._is_kept = self._asked.result() and self.now() < LAST_MOMENT
            self._asked = None
        return "estimated" if self._is_kept else "unsynced"

    def is_awaited(self) -> bool:
        """A time server is being asked, and no battery has kept the time meanwhile."""
        return self.quality() == "unsynced" and self._source.is_awaited()

    def boot_id(self) -> str:
        """The kernel's own (random(4))."""
        return _boot_id()


@cache
def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return secrets.token_hex(16)
