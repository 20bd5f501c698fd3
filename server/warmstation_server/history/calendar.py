"""Where buckets begin: quarters and hours in UTC, days at midnight of the deployment's zone."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from warmstation_server.history import Step

_LENGTH_MS = {"quarter": 900_000, "hour": 3_600_000}


class Calendar:
    """Starts of buckets, in ms since 1970."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._days: dict[int, int] = {}

    def start(self, quarter: int, step: Step) -> int:
        """Start of the bucket of this step that a quarter of an hour lies in."""
        if step == "day":
            return self._days.get(quarter) or self._day(quarter)
        return quarter - quarter % _LENGTH_MS[step]

    def _day(self, quarter: int) -> int:
        if len(self._days) > 10_000:
            self._days.clear()
        local = datetime.fromtimestamp(quarter / 1000, UTC).astimezone(self.zone)
        midnight = datetime.combine(local.date(), time(), self.zone)
        self._days[quarter] = int(midnight.timestamp()) * 1000
        return self._days[quarter]
