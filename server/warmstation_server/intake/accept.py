"""A message's bytes to what it says, or the one reason why it is refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from warmstation_server.history import Received
from warmstation_server.history.codec import flattened, microseconds, shared
from warmstation_server.history.unflat import report_of_flat
from warmstation_server.intake import Message
from warmstation_server.intake.stencils import Stencils
from warmstation_server.places import Station
from warmstation_wire import (
    Applied,
    BadPayload,
    BadTopic,
    Leaf,
    Presence,
    Refusal,
    Result,
    Topic,
    decode,
)
from warmstation_wire.plain import plain_report


@dataclass(frozen=True, slots=True)
class Heard:
    """Something else than a report that a station said."""

    station: str
    payload: Presence | Applied | Result


_STENCILS = Stencils()
"""What was learned of how stations write, as the caches below; one thread reads."""


def accept(message: Message, stations: Mapping[str, Station]) -> Received | Heard:
    """What the message says; BadPayload where the contract or the registry refuses it."""
    topic = _topic(message.topic)
    said = message.said or _read(topic, message)
    _check_registered(topic, stations)
    return said


def read(message: Message) -> Received | Heard:
    """What the message says, whoever is registered; BadPayload where the contract refuses it."""
    return _read(_topic(message.topic), message)


def _read(topic: Topic, message: Message) -> Received | Heard:
    return _received(topic, message) if topic.leaf is Leaf.REPORT else _heard(topic, message)


@lru_cache(maxsize=2**18)
def _topic(text: str) -> Topic:
    """The same topics come again and again; room for a country, or a round of it finds none."""
    return Topic.parse(text)


def _received(topic: Topic, message: Message) -> Received:
    known = _STENCILS.read(message.topic, message.payload)
    if known is not None:
        identity, flat = known
        return Received.read(identity, topic.district, message.received_at, flat, report_of_flat)
    plain = plain_report(message.payload)
    station = plain["station"]
    if station != topic.station:
        raise BadPayload(
            Refusal.STATION_MISMATCH,
            f"the topic says {topic.station}, the payload says {station}",
        )
    identity = station, plain["stream"], plain["seq"], microseconds(plain["measured_at"])
    flat = shared(flattened(plain, topic.district))
    _STENCILS.learn(message.topic, message.payload, flat)
    return Received.read(identity, topic.district, message.received_at, flat, report_of_flat)


def _heard(topic: Topic, message: Message) -> Heard:
    match topic.leaf:
        case Leaf.PRESENCE:
            return Heard(topic.station, decode(Presence, message.payload))
        case Leaf.APPLIED:
            return Heard(topic.station, decode(Applied, message.payload))
        case Leaf.RESULT:
            return Heard(topic.station, decode(Result, message.payload))
        case _:
            raise BadTopic(message.topic)


def _check_registered(topic: Topic, stations: Mapping[str, Station]) -> None:
    station = stations.get(topic.station)
    if station is None:
        raise BadPayload(Refusal.UNKNOWN_STATION, f"{topic.station} is not in the registry")
    if station.district != topic.district:
        raise BadPayload(
            Refusal.STATION_MISMATCH,
            f"{topic.station} is registered in {station.district}, not in {topic.district}",
        )
