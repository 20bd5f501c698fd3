"""What the uplink needs of a connection to the broker, and what the connection tells it.

`uplink` decides with these words only, so that most of it needs no broker to be tested;
`paho_link` speaks them over the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Online:
    """The broker has taken the connection and the subscriptions."""


@dataclass(frozen=True, slots=True)
class Offline:
    """There is no connection (any more); what was not `Published` may not have arrived.

    `is_refused`: the broker answered and does not want this station (CONNACK >= 0x80).
    """

    reason: str
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """The broker's answer to one publish; `refusal` is its reason where it was not taken.

    `is_unheard`: it was taken, and nobody listens (PUBACK 0x10), so no receipt can come.
    """

    handle: int
    refusal: str | None = None
    is_unheard: bool = False


@dataclass(frozen=True, slots=True)
class Unheard:
    """The broker refused a subscription (SUBACK >= 0x80)."""

    topic: str
    reason: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message for this station."""

    topic: str
    payload: bytes


Event = Online | Offline | Published | Unheard | Arrived


class Link(Protocol):
    """One station's connection. It connects by itself, again and again; nothing here blocks."""

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> int:
        """Hand over a message (QoS 1); the handle under which `Published` will speak of it."""
        ...

    def herald(self, topic: str, payload: bytes) -> None:
        """Send a copy ahead of all that waits, here and at the broker (QoS 0); it may be lost."""
        ...

    def events(self) -> list[Event]:
        """What has happened since the last call, in order."""
        ...

    def close(self) -> None:
        """Send what was handed over, then say goodbye; the last will is not published."""
        ...

    def unplug(self) -> None:
        """Break the connection without a goodbye, until `plug`: a network cut."""
        ...

    def plug(self) -> None:
        """The network is back."""
        ...

    def drop(self) -> None:
        """Break the connection without a goodbye, for good: a power cut."""
        ...
