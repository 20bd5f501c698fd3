"""What can go wrong with the history."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class HistoryError(WarmstationError):
    """Root of this room's errors."""


class HistoryAway(HistoryError, ConnectionError):
    """The storage cannot be reached or written now; trying again later is right."""


class HistoryBroken(HistoryError, OSError):
    """The storage is damaged or not ours; only a person can help."""
