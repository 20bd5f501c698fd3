"""A clock that does not believe everybody: who tells a time that has long passed is doubted.

A router that has lost its own time hands it on by NTP, and the kernel then says `synced`. What was
measured so would be months old to the server. So a time before this software, or before one that
was known to be right, is told as `unsynced` - for a day: who says the same for so long is believed,
for it may have been the time before that was wrong.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from warmstation_edge.clock import Clock
from warmstation_edge.time_source import EARLIEST_S
from warmstation_wire.report import ClockQuality

_log = logging.getLogger(__name__)
STEP_S = 300.0
"""A clock that moves less than this was only put right."""
PROVED_S = 3600.0
"""A time that has stood for so long, without a step, is known to be right."""
BELIEVED_S = 24 * 3600.0
KEEP_S = 6 * 3600.0
"""So often the card is told what time it is."""


class Memory(Protocol):
    """What outlives the power; the outbox's notes do."""

    @property
    def seen_s(self) -> float | None:
        """The latest time that was known to be right, in POSIX seconds."""
        ...

    def keep_seen(self, seen_s: float) -> None:
        """Remember it in place of what was kept before."""
        ...


class DoubtingClock:
    """Implements Clock by another one; asked by one thread. `memory` comes once it is there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.memory: Memory | None = None
        self._seen_s: float | None = None
        self._kept_s: float | None = None
        self._offset_s = float("inf")
        self._since = 0.0
        self._is_doubted = False

    def now(self) -> datetime:
        """As the other says."""
        return self._clock.now()

    def monotonic(self) -> float:
        """As the other says."""
        return self._clock.monotonic()

    def boot_id(self) -> str:
        """As the other says."""
        return self._clock.boot_id()

    def is_synced(self) -> bool:
        """Whether a time server has set it, to a time that can be."""
        return self._clock.is_synced() and not self._doubts()

    def quality(self) -> ClockQuality:
        """As the other says, where that can be."""
        said = self._clock.quality()
        return "unsynced" if said != "unsynced" and self._doubts() else said

    def is_awaited(self) -> bool:
        """As the other says: who has set it wrong is waited for no longer."""
        return self._clock.is_awaited()

    def _doubts(self) -> bool:
        up_s, now_s = self._clock.monotonic(), self._clock.now().timestamp()
        if abs(now_s - up_s - self._offset_s) > STEP_S:
            self._offset_s, self._since = now_s - up_s, up_s
        stood_s = up_s - self._since
        if now_s < EARLIEST_S:
            return self._found(True, now_s)
        seen_s = max(self._seen_s or 0.0, (self.memory and self.memory.seen_s) or 0.0)
        if now_s < seen_s - STEP_S and stood_s < BELIEVED_S:
            return self._found(True, now_s)
        if stood_s >= PROVED_S:
            self._prove(now_s, seen_s)
        return self._found(False, now_s)

    def _prove(self, now_s: float, before_s: float) -> None:
        self._seen_s = now_s
        is_back = now_s < before_s - STEP_S
        if is_back:
            _log.warning("the time of before was wrong: %s is believed", self._clock.now())
        is_due = self._kept_s is None or now_s - self._kept_s >= KEEP_S
        if self.memory is not None and (is_due or is_back):
            self._kept_s = now_s
            self.memory.keep_seen(now_s)

    def _found(self, is_doubted: bool, now_s: float) -> bool:
        if is_doubted and not self._is_doubted:
            _log.warning("the clock was set to %s, which is past: it is not believed", self.now())
        self._is_doubted = is_doubted
        return is_doubted
