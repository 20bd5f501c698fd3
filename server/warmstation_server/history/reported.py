"""Whether a station ever reported: what a mistake is told by. For who removes one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from warmstation_server.history import History

_EVER = datetime(2020, 1, 1, tzinfo=UTC)


def has_reported(history: History, station: str, now: datetime) -> bool:
    """Whether anything of it was ever stored; HistoryAway where that cannot be read now."""
    days = history.usage([station], _EVER, now + timedelta(days=1), "day").get(station, ())
    return any(one.reports for one in days)
