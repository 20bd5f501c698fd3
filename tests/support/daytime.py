"""The day on which pages are looked at: the same in every run, whatever the machine's clock says.

It is a Saturday's noon, and its time passes as time does. Served applications take a `Daytime`, and
the pages that `chromium.looking` opens have the same clock. `WARMSTATION_DAYTIME` looks at another:
`WARMSTATION_DAYTIME=2026-12-31T23:57+08:00 make test ARGS=tests/browser`.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from tests.support.snapshots import NOW

_ASKED = os.environ.get("WARMSTATION_DAYTIME")
BEGUN = datetime.fromisoformat(_ASKED).astimezone(UTC) if _ASKED else NOW
AHEAD: timedelta = BEGUN - datetime.now(UTC)
"""Of the machine's clock; negative where that is ahead."""


class Daytime:
    """A clock that began with the run; all of them tell the same."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC) + AHEAD
