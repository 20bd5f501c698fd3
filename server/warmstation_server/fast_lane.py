"""The way of what is dangerous: from the network to the notices, past everything that waits.

The pipeline's thread passes here between any two of its steps. A report that goes ahead is stored
and judged at once; it comes again when its turn comes, and then is a repeat that is acknowledged
and receipted like any other. The watch puts a stream back in order by its numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from warmstation_server.alerting import Alerting
from warmstation_server.batch import sorted_out
from warmstation_server.clock import Clock
from warmstation_server.history import History, Received
from warmstation_server.history.errors import HistoryAway, PartlyRefused
from warmstation_server.intake import Message
from warmstation_server.roster import Roster

AT_ONCE = timedelta(0)
_Key = tuple[str, str, int]


class Hurried(Protocol):
    """A transport that sees what may be dangerous as it comes."""

    def urgent(self, timeout: timedelta) -> list[Message]:
        """Those messages, each once, ahead of their turn; waits for a first one."""
        ...


class FastLane:
    """Owned by the pipeline's thread."""

    def __init__(
        self, source: Hurried, history: History, alerting: Alerting, roster: Roster, clock: Clock
    ) -> None:
        self._source = source
        self._history = history
        self._alerting = alerting
        self._roster = roster
        self._clock = clock
        self._stored: set[_Key] = set()

    def look(self, patience: timedelta = AT_ONCE) -> None:
        """Tell what is dangerous, if there is anything; wait so long for it."""
        messages = self._source.urgent(patience)
        if not messages:
            return
        received = sorted_out(messages, self._roster.stations).received
        if not received:
            return  # what is refused is dealt with when its turn comes
        is_stored = self._store(received)
        if urgent := self._alerting.after_reports(received):
            self._alerting.hurry(urgent, self._clock.now(), is_stored=is_stored)

    def settled(self, received: Sequence[Received]) -> int:
        """How many of these were new when they went ahead; each is asked for once."""
        if not self._stored:
            return 0
        found = self._stored & {_key(one) for one in received}
        self._stored -= found
        return len(found)

    def _store(self, received: Sequence[Received]) -> bool:
        """A history that is away keeps nobody from being warned: it is stored in its turn."""
        try:
            fresh = self._history.append(received)
        except HistoryAway:
            return False
        except PartlyRefused as error:
            fresh = error.fresh
        self._stored |= {_key(one) for one in fresh}
        return True


def _key(received: Received) -> _Key:
    return received.station, received.stream, received.seq
