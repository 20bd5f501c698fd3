"""One station's way to the server: presence, reports, receipts, orders and their answers.

`agent` calls `turn` a few times a second. The order and the pace of reports are decided in
`delivery`; this room speaks the topics and reads the broker's reason codes. A refusal (an ACL, a
bad password) keeps every report and becomes the fault `uplink: refused` in later reports.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from random import Random

from warmstation_edge.clock import Clock
from warmstation_edge.outbox import Outbox
from warmstation_edge.uplink.delivery import Delivery
from warmstation_edge.uplink.link import (
    Arrived,
    Event,
    Link,
    Offline,
    Online,
    Published,
    Unheard,
)
from warmstation_edge.uplink.pace import Pace
from warmstation_edge.version import VERSION
from warmstation_wire import BadPayload, BadTopic, Fault, Leaf, Presence, Receipt, Topic, decode

_log = logging.getLogger(__name__)
HEARS = (Leaf.RECEIPT, Leaf.DESIRED, Leaf.COMMAND)
"""What a station listens to; the link subscribes to it."""
_RETAINED = {Leaf.PRESENCE, Leaf.APPLIED}
_UNSENT_ANSWERS = 64
_UNACKNOWLEDGED = 1000
"""So many messages may wait for a broker that takes nothing and does not break the connection;
further reports wait on the card."""


class Uplink:
    """Drives one Link for one outbox. `on_receipt` hears every valid receipt."""

    def __init__(
        self,
        district: str,
        station: str,
        outbox: Outbox,
        link: Link,
        clock: Clock,
        rng: Random,
        pace: Pace | None = None,
        on_receipt: Callable[[Receipt], None] | None = None,
    ) -> None:
        self._district = district
        self._station = station
        self._outbox = outbox
        self.link = link
        self._clock = clock
        self._on_receipt = on_receipt
        self._delivery = Delivery(outbox, pace or Pace(), rng)
        self._leaves: dict[int, Leaf] = {}
        self._answers: dict[int, tuple[Leaf, bytes]] = {}
        self._unsent: list[tuple[Leaf, bytes]] = []
        self._refusals: dict[str, str] = {}
        self._offline_for: str | None = None
        self.is_online = False

    def turn(self) -> list[tuple[Leaf, bytes]]:
        """Read what arrived and send what is due; returns the server's orders, unread."""
        now = self._clock.monotonic()
        orders: list[tuple[Leaf, bytes]] = []
        for event in self.link.events():
            if isinstance(event, Arrived):
                orders += self._arrived(event, now)
            else:
                self._happened(event, now)
        if self.is_online and len(self._leaves) < _UNACKNOWLEDGED:
            for seq, payload in self._delivery.due(now):
                if self._outbox.is_urgent(seq):
                    self.link.herald(self._topic(Leaf.REPORT), payload)
                self._publish(Leaf.REPORT, payload)
        return orders

    def answer(self, leaf: Leaf, payload: bytes) -> None:
        """Send an answer; it is sent again after a lost connection until the broker has it."""
        if self.is_online:
            self._answers[self._publish(leaf, payload)] = (leaf, payload)
        else:
            self._unsent = [*self._unsent, (leaf, payload)][-_UNSENT_ANSWERS:]

    def faults(self) -> tuple[Fault, ...]:
        """`uplink: refused` while the broker refuses this station, or anything it says."""
        return (Fault(sensor="uplink", reason="refused"),) if self._refusals else ()

    @property
    def awaits_broker(self) -> bool:
        """Whether the broker has yet to answer for something that was sent."""
        return bool(self._leaves)

    def stop(self) -> None:
        """Say that the station goes offline in order, and let the link go."""
        if self.is_online:
            self._publish(Leaf.PRESENCE, presence(False, self._outbox.stream, self._clock))
        self.link.close()

    def _happened(self, event: Event, now: float) -> None:
        if isinstance(event, Online):
            self._online(now)
        elif isinstance(event, Offline):
            self._offline(event)
        elif isinstance(event, Published):
            self._published(event, now)
        elif isinstance(event, Unheard):
            self._refuse(event.topic, event.reason)

    def _online(self, now: float) -> None:
        self.is_online = True
        self._offline_for = None
        self._refusals.clear()  # each is proved again by what is sent next
        self._publish(Leaf.PRESENCE, presence(True, self._outbox.stream, self._clock))
        unsent, self._unsent = self._unsent, []
        for leaf, payload in unsent:
            self.answer(leaf, payload)
        self._delivery.connected(now)

    def _offline(self, event: Offline) -> None:
        self.is_online = False
        if event.reason != self._offline_for:  # once, not with every try
            _log.info("no connection: %s", event.reason)
            self._offline_for = event.reason
        self._leaves.clear()
        self._unsent = [*self._unsent, *self._answers.values()][-_UNSENT_ANSWERS:]
        self._answers.clear()
        if event.is_refused:
            self._refuse("connection", event.reason)

    def _published(self, event: Published, now: float) -> None:
        leaf = self._leaves.pop(event.handle, None)
        if leaf is None:
            return
        self._answers.pop(event.handle, None)
        if event.refusal is None:
            self._refusals.pop(leaf.value, None)
            if leaf is Leaf.REPORT:
                self._delivery.taken(event.is_unheard, now)
                self._say_again_if_refused()
            return
        self._refuse(leaf.value, event.refusal)
        if leaf is Leaf.REPORT:
            self._delivery.refused(now)

    def _say_again_if_refused(self) -> None:
        """Reports pass, so that presence, which is said only once, may pass now too."""
        if Leaf.PRESENCE.value in self._refusals:
            self._publish(Leaf.PRESENCE, presence(True, self._outbox.stream, self._clock))

    def _refuse(self, what: str, reason: str) -> None:
        if self._refusals.get(what) != reason:
            _log.warning("the broker refuses %s of %s: %s", what, self._station, reason)
            self._refusals[what] = reason

    def _publish(self, leaf: Leaf, payload: bytes) -> int:
        handle = self.link.publish(self._topic(leaf), payload, retain=leaf in _RETAINED)
        self._leaves[handle] = leaf
        return handle

    def _topic(self, leaf: Leaf) -> str:
        return str(Topic(self._district, self._station, leaf))

    def _arrived(self, event: Arrived, now: float) -> list[tuple[Leaf, bytes]]:
        try:
            topic = Topic.parse(event.topic)
            if topic.station != self._station:
                return []
            if topic.leaf is not Leaf.RECEIPT:
                return [(topic.leaf, event.payload)]
            self._receipt(decode(Receipt, event.payload), now)
        except (BadTopic, BadPayload) as error:
            _log.warning("a message on %.100r is refused: %s", event.topic, error)
        return []

    def _receipt(self, receipt: Receipt, now: float) -> None:
        self._delivery.receipted(self._outbox.receipted(receipt), now)
        if self._on_receipt is not None:
            self._on_receipt(receipt)


def presence(is_online: bool, stream: str, clock: Clock) -> bytes:
    """What goes on `presence`, retained, when an agent comes and when it goes in order."""
    return Presence(online=is_online, since=clock.now(), agent=VERSION, stream=stream).to_json()


def last_will(stream: str) -> bytes:
    """What the broker says on `presence` when the agent is gone without goodbye."""
    return Presence(online=False, agent=VERSION, stream=stream).to_json()
