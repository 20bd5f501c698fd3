"""What a batch of messages turned out to be: reports, other things said, and refusals. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from warmstation_server.dead_letters import DeadLetter
from warmstation_server.history import Received
from warmstation_server.intake import Message
from warmstation_server.intake.accept import Heard, accept
from warmstation_server.places import Station
from warmstation_wire import BadPayload, Leaf, Refusal, Topic

SLICE = 100
"""Of a batch, what takes some milliseconds to read or to judge, and fifty where all is new."""

Unstorable = tuple[Received, str]
"""A valid report that the storage will never take, and why."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages and what they said; each message is in exactly one of the three.

    `heralds`: of the received, the copies at QoS 0 that go ahead of a safety report.
    """

    messages: Sequence[Message]
    received: Sequence[Received]
    heard: Sequence[Heard]
    refused: Sequence[DeadLetter]
    heralds: Sequence[Received] = ()

    @property
    def names_a_stranger(self) -> bool:
        """Whether something was refused only because the registry does not know its station."""
        return any(letter.reason == Refusal.UNKNOWN_STATION.value for letter in self.refused)

    def without(self, unstorable: Sequence[Unstorable]) -> Batch:
        """These reports as dead letters: not stored, so without a receipt, and in nobody's way."""
        if not unstorable:
            return self
        gone = {id(received) for received, _ in unstorable}
        kept = [received for received in self.received if id(received) not in gone]
        letters = [_unstorable(received, why) for received, why in unstorable]
        return replace(self, received=kept, refused=[*self.refused, *letters])


def sorted_out(
    messages: Sequence[Message],
    stations: Mapping[str, Station],
    breath: Callable[[], None] = lambda: None,
) -> Batch:
    """Decode and check every message against the contract and the registry.

    `breath` is called every SLICE messages, for whoever has something more urgent to do.
    """
    received: list[Received] = []
    heard: list[Heard] = []
    refused: list[DeadLetter] = []
    heralds: list[Received] = []
    for number, message in enumerate(messages):
        if not number % SLICE:
            breath()
        try:
            said = accept(message, stations)
        except BadPayload as refusal:
            refused.append(_letter(message, refusal))
            continue
        if isinstance(said, Received):
            received.append(said)
            if not message.mid:
                heralds.append(said)
        else:
            heard.append(said)
    return Batch(messages, received, heard, refused, heralds)


def _letter(message: Message, refusal: BadPayload) -> DeadLetter:
    payload = message.payload if message.said is None else message.said.report.to_json()
    return DeadLetter(
        at=message.received_at,
        topic=message.topic,
        reason=refusal.reason.value,
        detail=refusal.detail,
        payload=payload,
        size=len(payload),
    )


def _unstorable(received: Received, why: str) -> DeadLetter:
    payload = received.report.to_json()
    return DeadLetter(
        at=received.received_at,
        topic=str(Topic(received.district, received.report.station, Leaf.REPORT)),
        reason="unstorable",
        detail=why,
        payload=payload,
        size=len(payload),
    )
