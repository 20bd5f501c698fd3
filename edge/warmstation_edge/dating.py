"""When something was measured, though the clock was set only afterwards. Pure.

A Pi has no battery: without a network it begins in 1970 (or where it was shut down). Each report
carries the seconds since boot; once the clock is set, the boot's own beginning is known, and with
it every moment of that boot, to the tenth of a second that `uptime_s` has.
"""

from __future__ import annotations

from datetime import UTC, datetime

from warmstation_edge.clock import Clock
from warmstation_wire import Report


def began(clock: Clock) -> float:
    """When this boot began, in POSIX seconds; only a clock that was set can tell."""
    return clock.now().timestamp() - clock.monotonic()


def dated(payload: bytes, boot_began: float) -> bytes:
    """The report with its true time, marked `estimated`; as it is where it cannot be corrected."""
    report = Report.model_validate_json(payload)
    if report.clock != "unsynced" or report.uptime_s is None:
        return payload
    at = datetime.fromtimestamp(boot_began + report.uptime_s, UTC)
    return report.model_copy(update={"measured_at": at, "clock": "estimated"}).to_json()
