"""What the server tells by MQTT: receipts to stations, retained statuses to everyone.

Knows no broker: it is handed a Sender. The pipeline alone calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Protocol

from warmstation_server.history import Received
from warmstation_server.intake.packets import Outgoing
from warmstation_server.places import Station
from warmstation_wire import Leaf, StationStatus, Topic
from warmstation_wire.receipt import ranges

HEARTBEAT = timedelta(seconds=30)
"""A status that differs by its time alone is sent this often at most."""

AT_ONCE = 5_000
"""Statuses in one go: receipts must not wait behind those of a whole country."""

SLICE = 100
"""Statuses that take some ten milliseconds to write."""

MAX_RANGES = 500
"""What one receipt may hold."""


class Sender(Protocol):
    """A connection to the broker."""

    @property
    def connections(self) -> int:
        """How often a broker was reached; a change means that it may have forgotten things."""
        ...

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        """Send all at QoS 1; False where none could be taken."""
        ...


def send_receipts(sender: Sender, committed: Iterable[Received]) -> tuple[int, int]:
    """One receipt a station and stream; how many were sent, and how many were not.

    Nothing keeps an unsent one: the station sends the report again and gets the receipt then.
    """
    streams: dict[tuple[str, str, str], list[int]] = {}
    for received in committed:
        key = (received.district, received.station, received.stream)
        streams.setdefault(key, []).append(received.seq)
    messages = [
        Outgoing(_receipt_topic(district, station), receipt)
        for (district, station, stream), seqs in streams.items()
        for receipt in receipts(stream, seqs)
    ]
    is_sent = not messages or sender.publish(messages)
    return (len(messages), 0) if is_sent else (0, len(messages))


def receipts(stream: str, seqs: Sequence[int]) -> list[bytes]:
    """Receipts for these numbers as JSON, each within what one receipt may hold."""
    # A receipt a report is on the hot path, so it is written by hand: the model says the same.
    if len(seqs) == 1:
        return [b'{"v":1,"stream":"%b","seqs":["%d"]}' % (stream.encode(), seqs[0])]
    texts = [
        b'"%d"' % first if first == last else b'"%d-%d"' % (first, last)
        for first, last in ranges(seqs)
    ]
    return [
        b'{"v":1,"stream":"%b","seqs":[%b]}'
        % (stream.encode(), b",".join(texts[start : start + MAX_RANGES]))
        for start in range(0, len(texts), MAX_RANGES)
    ]


@lru_cache(maxsize=2**18)
def _receipt_topic(district: str, station: str) -> str:
    return str(Topic(district, station, Leaf.RECEIPT))


class Statuses:
    """The retained `status` topics, brought up to date when something changed."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._connections = 0
        self._published: dict[str, tuple[str, StationStatus]] = {}
        self._waiting: set[str] = set()
        """Stations whose news could not be sent yet."""
        self._stations: Mapping[str, Station] | None = None

    def publish(
        self,
        stations: Mapping[str, Station],
        statuses: Mapping[str, StationStatus],
        news: Set[str] | None = None,
        breath: Callable[[], None] = lambda: None,
    ) -> int:
        """Send what is new, clear what is gone; everything after a reconnection. How many.

        At most AT_ONCE of the new ones; the next call goes on.

        `news`: whose status changed since the last call; None = anybody's. `breath` is called every
        SLICE statuses, for whoever has something more urgent to do.
        """
        connections = self._sender.connections
        if connections == 0:
            return 0
        if connections != self._connections:
            # A broker that lost its disk has lost what it retained.
            self._connections, known = connections, self._published
            self._published = {id_: one for id_, one in known.items() if id_ not in statuses}
            news = None
        self._waiting |= statuses.keys() if news is None else news
        gone = self._gone(stations)
        due = list(islice(self._waiting, AT_ONCE))
        # An empty retained message takes away the one before (MQTT 3.1.1, 3.3.1.3).
        messages = [Outgoing(self._published[id_][0], b"", retain=True) for id_ in gone]
        told: list[tuple[str, StationStatus]] = []
        for number, id_ in enumerate(due):
            if not number % SLICE:
                breath()
            if id_ in stations and id_ in statuses and self._is_news(id_, statuses[id_]):
                topic = str(Topic(stations[id_].district, id_, Leaf.STATUS))
                told.append((topic, statuses[id_]))
                messages.append(Outgoing(topic, statuses[id_].to_json(), retain=True))
        if messages and not self._sender.publish(messages):
            return 0
        self._waiting.difference_update(due)
        self._stations = stations
        for id_ in gone:
            del self._published[id_]
        self._published |= {status.station_id: (topic, status) for topic, status in told}
        return len(messages)

    def _gone(self, stations: Mapping[str, Station]) -> list[str]:
        if stations is self._stations:
            return []
        return [id_ for id_ in self._published if id_ not in stations]

    def _is_news(self, id_: str, status: StationStatus) -> bool:
        known = self._published.get(id_)
        if known is None:
            return True
        before = known[1]
        if before is status:
            return False
        return _differs(before, status)


def _differs(before: StationStatus, now: StationStatus) -> bool:
    if before.last_reported is None or now.last_reported is None:
        return before != now
    if now.last_reported - before.last_reported >= HEARTBEAT:
        return True
    was, is_ = before.__dict__, now.__dict__
    return _lasting(was) != _lasting(is_) or _shelf(before) != _shelf(now)


_lasting = itemgetter(*(StationStatus.model_fields.keys() - {"last_reported", "supplies"}))
"""All that a status says but when it was measured, and what is on the shelf."""


def _shelf(status: StationStatus) -> list[tuple[str, float | None, str]]:
    return [(supply.item_id, supply.level, supply.state) for supply in status.supplies]
