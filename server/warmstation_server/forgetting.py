"""Once a day, reports that are too old are forgotten: a piece each tick, so that nobody waits.

For the pipeline, whose thread it is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from warmstation_server.clock import is_due
from warmstation_server.history import History, Received
from warmstation_server.history.codec import microseconds
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.retention import keeps

log = logging.getLogger(__name__)

FIRST = timedelta(minutes=1)
EVERY = timedelta(days=1)


class Forgetting:
    """What is measured before `retention` ago goes; usage stays."""

    def __init__(self, history: History, retention: timedelta, now: datetime) -> None:
        self._history, self._retention = history, retention
        self._at = now + FIRST
        self._before: datetime | None = None
        """The line of this day's work; None between two of them."""
        self._gone = 0
        self._line_us = microseconds(now - retention)

    def too_old(self, reports: Iterable[Received]) -> int:
        """How many of these are forgotten as soon as they came."""
        line_us = self._line_us
        return sum(not keeps(one.measured_us, line_us) for one in reports)

    def turn(self, now: datetime) -> None:
        """A piece of it, where it is due."""
        self._line_us = microseconds(now - self._retention)
        if not is_due(self._at, now, EVERY):
            return
        self._before = self._before or now - self._retention
        try:
            gone = self._history.expire(self._before)
        except HistoryAway as error:
            log.warning("old reports are forgotten tomorrow: %s", error)
        else:
            self._gone += gone
            if gone:
                return
            log.info("forgot %d reports older than %s", self._gone, self._retention)
        self._at, self._before, self._gone = now + EVERY, None, 0
