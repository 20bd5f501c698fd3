"""What can go wrong with the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from warmstation_wire import WarmstationError

if TYPE_CHECKING:
    from warmstation_server.history import Received


class HistoryError(WarmstationError):
    """Root of this room's errors."""


class HistoryAway(HistoryError, ConnectionError):
    """The storage cannot be reached or written now; trying again later is right.

    `patience`: how long the storage asks to be left alone; 0 = it does not say.
    """

    def __init__(self, message: str = "", patience: timedelta = timedelta()) -> None:
        super().__init__(message)
        self.patience = patience


class HistoryBroken(HistoryError, OSError):
    """The storage is damaged or not ours; only a person can help."""


class PartlyRefused(HistoryError, ValueError):
    """The storage will never take some reports of a batch; all the others are stored.

    `fresh`: what `append` would have returned. `refused`: the others, each with the reason.
    """

    def __init__(self, fresh: Sequence[Received], refused: Sequence[tuple[Received, str]]) -> None:
        super().__init__(f"{len(refused)} reports were refused, the first: {refused[0][1]}")
        self.fresh, self.refused = fresh, refused
