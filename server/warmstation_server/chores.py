"""What can wait, in a thread of its own: usual busy hours, and forgetting what is long over."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from warmstation_server.clock import Clock
from warmstation_server.history import History
from warmstation_server.history.errors import HistoryAway
from warmstation_server.roster import Roster
from warmstation_server.share import Share
from warmstation_server.status.busy import SPAN, busy_hours

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
TURNS = 24
"""Each station's busy hours are counted anew once a day: they are the means of four weeks."""
AGAIN = timedelta(minutes=1)
"""After the history was away."""
STATIONS_AT_ONCE = 50
"""Asked of the history in one go, so that the pipeline never waits long for it."""
KEPT = timedelta(days=400)
"""The ledger of what was told; alerts are kept longer, for figures are compared with older ones."""


class Forgetful(Protocol):
    """Keeps what is over for a while."""

    def forget(self, before: datetime) -> int:
        """Drop some of what was over before then; 0 where nothing is left."""
        ...


class Chores:
    """`busy` is swapped in whole; anyone may read it. `forgetful`: with how long each keeps."""

    def __init__(
        self,
        history: History,
        roster: Roster,
        clock: Clock,
        zone: ZoneInfo,
        forgetful: Sequence[tuple[Forgetful, timedelta]] = (),
    ) -> None:
        self._forgetful = forgetful
        self._history = history
        self._roster = roster
        self._clock = clock
        self._zone = zone
        self._number = 0
        self._counted: set[str] = set()
        """Stations that were looked at since the start: the others need not wait for their turn."""
        self.busy: Mapping[str, tuple[float | None, ...]] = {}

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        wait = timedelta(0)
        while not stop.wait(wait.total_seconds()):
            wait = self.turn(self._clock.now(), stop)

    def turn(self, now: datetime, stop: threading.Event | None = None) -> timedelta:
        """Do everything that is due; how long until the next turn."""
        try:
            self._count_busy(now, stop)
            self._forget(now, stop)
        except HistoryAway as error:
            log.warning("the history is away, chores wait: %s", error)
            return AGAIN
        except ConnectionError as error:
            log.warning("the registry is away, chores wait: %s", error)
            return AGAIN
        return EVERY

    def _forget(self, now: datetime, stop: threading.Event | None) -> None:
        for one, kept in self._forgetful:
            while one.forget(now - kept):
                if stop is not None and stop.is_set():
                    return

    def _count_busy(self, now: datetime, stop: threading.Event | None) -> None:
        breath = None if stop is None else Share(stop)
        stations = list(self._roster.stations)
        due = [
            id_
            for number, id_ in enumerate(stations)
            if id_ not in self._counted or number % TURNS == self._number % TURNS
        ]
        busy = {id_: self.busy[id_] for id_ in stations if id_ in self.busy}
        for first in range(0, len(due), STATIONS_AT_ONCE):
            if breath is not None and breath():
                return
            some = due[first : first + STATIONS_AT_ONCE]
            usage = self._history.usage(some, now - SPAN, now, "hour")
            busy |= {id_: busy_hours(buckets, self._zone) for id_, buckets in usage.items()}
        self._counted, self._number = set(stations), self._number + 1
        self.busy = busy
