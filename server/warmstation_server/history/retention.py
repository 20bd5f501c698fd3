"""Which reports retention forgets: those measured before its line by a clock that was set.

A Raspberry Pi has no clock of its own: booted without a network it measures in 1970. Such times
say nothing about age, so its reports stay; there are few of them, and each had its receipt.
"""

from __future__ import annotations

from datetime import UTC, datetime

CLOCK_UNSET_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
"""Before this software existed no clock that was set can have shown such a time."""
UNSET_US = int(CLOCK_UNSET_BEFORE.timestamp()) * 1_000_000


def keeps(measured_us: int, line_us: int) -> bool:
    """Whether a report measured then is kept, with retention's line there (us since 1970)."""
    return measured_us >= line_us or measured_us < UNSET_US


def asked_from(start_us: int, line_us: int) -> int:
    """From where a question that begins at `start_us` has to look."""
    return start_us if start_us < UNSET_US else max(start_us, line_us)
