"""A link without a broker: a test sees what goes out and says what comes in."""

from __future__ import annotations

import itertools

from warmstation_edge.uplink import Arrived, Event, Offline, Online, Published
from warmstation_wire import Leaf, Receipt, Report, Topic, decode


class FakeLink:
    """Implements Link. A publish is acknowledged, or refused while `refusal` says why."""

    def __init__(self, district: str = "kunshan", station: str = "ks-songnan") -> None:
        self.district = district
        self.station = station
        self.sent: list[tuple[Leaf, bytes, bool]] = []
        self.heralds: list[int] = []
        self.refusal: str | None = None
        self.is_unheard = False
        self.acknowledges = True
        self.is_closed = False
        self._handles = itertools.count(1)
        self._events: list[Event] = []

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> int:
        """Take it down, and answer as the test has set."""
        parsed = Topic.parse(topic)
        assert (parsed.district, parsed.station) == (self.district, self.station)
        self.sent.append((parsed.leaf, payload, retain))
        handle = next(self._handles)
        if self.acknowledges:
            self._events.append(Published(handle, self.refusal, self.is_unheard))
        return handle

    def herald(self, topic: str, payload: bytes) -> None:
        """Take it down."""
        assert Topic.parse(topic).leaf is Leaf.REPORT
        self.heralds.append(decode(Report, payload).seq)

    def events(self) -> list[Event]:
        """All since the last call."""
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True

    def unplug(self) -> None:
        """Lose the connection."""
        self.happen(Offline("unplugged"))

    def plug(self) -> None:
        """Get it back."""
        self.happen(Online())

    def drop(self) -> None:
        """Lose it for good."""
        self.unplug()

    def happen(self, event: Event) -> None:
        """Let the uplink hear of this with its next turn."""
        self._events.append(event)

    def arrive(self, leaf: Leaf, payload: bytes) -> None:
        """Let a message for this station come."""
        self.happen(Arrived(str(Topic(self.district, self.station, leaf)), payload))

    def receipt(self, stream: str, *seqs: int) -> None:
        """Let the server's receipt come."""
        self.arrive(Leaf.RECEIPT, Receipt.of(stream, seqs).to_json())

    def take(self, leaf: Leaf) -> list[bytes]:
        """Take what was published on this leaf; it is no longer in `sent`."""
        taken = [payload for kind, payload, _ in self.sent if kind is leaf]
        if taken:
            self.sent = [message for message in self.sent if message[0] is not leaf]
        return taken

    def reports(self) -> list[int]:
        """The numbers of the reports published since they were last taken."""
        return [decode(Report, payload).seq for payload in self.take(Leaf.REPORT)]
