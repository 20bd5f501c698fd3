"""Presence sensors: whether somebody is there, and whether all of them agree that nobody is."""

from __future__ import annotations

from collections.abc import Iterable

from warmstation_edge.reading import Missing, Reading
from warmstation_edge.sensors.guarded import Guarded

HOLDS_S = 60.0
"""Who reads quietly is not seen for a while; a room is empty after a minute without a sign."""
SEEN_TOO_LONG_S = 12 * 3600.0
"""A sensor that sees somebody for half a day without a break, while nobody passes, is stuck."""
ZERO_AFTER_RADAR_S = 30 * 60.0
ZERO_AFTER_PIR_S = 2 * 3600.0
"""A PIR does not see who sleeps; a radar does. Only nobody sleeps for two hours quite still."""


class Watcher:
    """One sensor with its memory; turned by `doorway`."""

    def __init__(self, name: str, sensor: Guarded[bool]) -> None:
        self.name = name
        self.reading: Reading[bool] | None = None
        self._sensor = sensor
        self._seen_since: float | None = None
        self._seen_at: float | None = None

    def turn(self, now: float, crossed_at: float | None) -> None:
        """Look; `crossed_at`: when somebody passed the door last."""
        reading = self._sensor.read(now)
        if not reading.value:
            self._seen_since = None
        else:
            self._seen_at = now
            self._seen_since = now if self._seen_since is None else self._seen_since
            since = max(self._seen_since, crossed_at or self._seen_since)
            if now - since >= SEEN_TOO_LONG_S:
                reading = Reading.without(Missing.STUCK)
        self.reading = reading

    def sees(self, now: float) -> bool | None:
        """Whether it saw somebody within the last minute; None where it cannot tell."""
        if self.reading is None or self.reading.value is None:
            return None
        return self._seen_at is not None and now - self._seen_at <= HOLDS_S


def agreed(seen: Iterable[bool | None]) -> bool | None:
    """Somebody is there if one sensor says so; nobody only if all of them do."""
    words = list(seen)
    if True in words:
        return True
    return False if words and None not in words else None


def zero_after_s(kinds: Iterable[str]) -> float:
    """How long the room has to look empty before the count is set to zero."""
    return ZERO_AFTER_RADAR_S if "radar" in kinds else ZERO_AFTER_PIR_S
