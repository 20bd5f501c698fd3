"""Time as the agent knows it: a wall clock that may be wrong and a monotonic one that is not."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")


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

    def boot_id(self) -> str:
        """Which boot `monotonic` counts from; no two boots have the same."""
        ...


class SystemClock:
    """The machine's clocks; synchronisation as systemd-timesyncd tells it."""

    def now(self) -> datetime:
        """Wall clock, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since boot, counting suspend (CLOCK_BOOTTIME)."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def is_synced(self) -> bool:
        """True once timesyncd has set the clock in this boot (systemd-timesyncd.service(8))."""
        return _SYNCHRONIZED.exists()

    def boot_id(self) -> str:
        """The kernel's own (random(4))."""
        return _boot_id()


@cache
def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return secrets.token_hex(16)
