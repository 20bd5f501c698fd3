"""What a watch would know of a station, had it listened for days: from reports that are kept. Pure.

For `watch.Watch.adopt`. Nothing that a lesson comes upon is told: it is past.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from warmstation_server.conditions.health import version_of
from warmstation_server.conditions.moments import Order
from warmstation_server.conditions.sequence import Sequence
from warmstation_server.conditions.watched import Watched
from warmstation_server.history import Received
from warmstation_server.places import Station

ENOUGH_S = 4 * 86400.0
"""Who has been watched for so long has learned by itself: the diagnosis is silent for 3 days."""
_ALWAYS_S = 0.0
"""Since when the server listened: what is kept was all heard."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Of whom to learn: what is kept of it and came until `until_s`, its watch being as young as
    `since_s`. POSIX seconds.
    """

    station: Station
    since_s: float
    until_s: float


class Lesson:
    """One station's reports, in the order in which they came, as if they came now."""

    def __init__(self, station: Station, newest_agent: str | None = None) -> None:
        self.watched = Watched(station)
        self._sequence = Sequence()
        self._newest_agent = version_of(newest_agent) if newest_agent else None

    @property
    def station(self) -> str:
        """Its id."""
        return self.watched.place.station.id

    def after(self, received: Received) -> None:
        """The next report."""
        self._wait(received.received_at.timestamp())
        watched = self.watched
        for one in self._sequence.after(received, watched.order.seqs):
            watched.after(one, _ALWAYS_S, self._newest_agent)
        watched.take()

    def has_taken(self, received: Received) -> bool:
        """Whether this report, or one behind it in its stream, was learned from already."""
        newest = self.watched.order.seqs.get(received.stream)
        return newest is not None and received.seq <= newest

    def end(self) -> None:
        """There is no more: what waits for a missing number waits no longer."""
        self._release(inf)
        self.watched.take()

    def is_behind(self, order: Order) -> bool:
        """Whether the newest report that the live watch has taken is missing here."""
        stream = next(reversed(order.seqs))
        return self.watched.order.seqs.get(stream, 0) < order.seqs[stream]

    def _wait(self, now_s: float) -> None:
        """Time passes until the next report comes."""
        self._release(now_s)
        link = self.watched.link
        if link.heard_s and now_s >= (offline_s := link.offline_at(_ALWAYS_S)):
            self.watched.due(offline_s, _ALWAYS_S)

    def _release(self, now_s: float) -> None:
        watched = self.watched
        for one in self._sequence.released(self.station, now_s, watched.order.seqs):
            watched.after(one, _ALWAYS_S, self._newest_agent)
