"""How often a station's reports are judged: at once what is new, the rest every few seconds. Pure.

Doors, people and sockets make reports come several times a second, and each of them repeats all
that the station knows. What only moves with time or slowly (durations, temperatures, power, the
outbox) is looked at every STEP_S then.
"""

from __future__ import annotations

from warmstation_server.conditions.chargers import has_danger
from warmstation_server.history import Received
from warmstation_server.history.codec import is_unsynced, told

STEP_S = 5.0
"""Of event time; less than any duration that is judged."""


class Pace:
    """What was judged last of one station, and when."""

    __slots__ = ("_at_s", "_said", "is_calm")

    def __init__(self) -> None:
        self._at_s = 0.0
        self._said: tuple[object, ...] | None = None
        self.is_calm = False
        """Whether what was judged last came soon after another, by a right clock, no danger in it:
        only then may the next one be a calm repeat."""

    def is_due(self, received: Received, at_s: float) -> bool:
        """Whether to judge this report, the next in order; it counts as judged then."""
        is_soon = 0.0 <= at_s - self._at_s < STEP_S
        if is_soon and self._said is not None and self._said == told(received):
            return False
        self._at_s = at_s
        self._said = told(received) if is_soon else None
        self.is_calm = is_soon and not has_danger(received) and not is_unsynced(received)
        return True

    def is_calm_repeat(self, received: Received, at_s: float) -> bool:
        """Whether it says what was judged a moment ago, by a right clock, and nothing dangerous."""
        return self.is_calm and 0.0 <= at_s - self._at_s < STEP_S and self._said == told(received)

    def forget(self) -> None:
        """Judge the next one, whatever it says."""
        self._at_s, self._said, self.is_calm = 0.0, None, False
