"""When something was measured, though the clock was set only afterwards. Pure.

A Pi has no battery: without a network it begins in 1970 (or where it was shut down); one with a
battery clock goes wrong by seconds a week. Each report carries the seconds since boot; once the
clock is set, the boot's own beginning is known, and with it every moment of that boot, to the tenth
of a second that `uptime_s` has and what the crystal goes wrong meanwhile (20 ppm: 0.07 s an hour).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from warmstation_edge.clock import Clock
from warmstation_wire import Report
from warmstation_wire.parts import FIRST_MOMENT, LAST_MOMENT


class Boots:
    """When each boot began whose clock was set in the end, in POSIX seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began: dict[str, float] = {}

    def began(self, boot: str) -> float | None:
        """When this boot began; None where nobody knows (yet)."""
        return self._began.get(boot)

    def take_in(self, older: Mapping[str, float]) -> None:
        """What a file remembers of earlier boots."""
        self._began = {**older, **self._began}

    def learned(self) -> bool:
        """Whether this boot's beginning is known since just now: its clock has been set."""
        boot = self._clock.boot_id()
        if boot in self._began or not self._clock.is_synced():
            return False
        self._began[boot] = self._clock.now().timestamp() - self._clock.monotonic()
        return True

    def awaits(self, boot: str | None) -> bool:
        """Whether this boot's beginning may be known in a moment."""
        if boot is None or boot in self._began or boot != self._clock.boot_id():
            return False
        return self._clock.is_awaited()

    def dated(self, payload: bytes, boot: str | None) -> bytes:
        """A report of this boot with its true time, where that is known by now."""
        began = None if boot is None else self._began.get(boot)
        return payload if began is None else dated(payload, began)


def dated(payload: bytes, boot_began: float) -> bytes:
    """The report with its true time, marked `estimated`; as it is where it cannot be corrected."""
    report = Report.model_validate_json(payload)
    if report.clock == "synced" or report.uptime_s is None:
        return payload
    at = datetime.fromtimestamp(boot_began + report.uptime_s, UTC)
    if not FIRST_MOMENT <= at < LAST_MOMENT:
        return payload
    return report.model_copy(update={"measured_at": at, "clock": "estimated"}).to_json()
