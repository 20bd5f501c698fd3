"""What goes between the server and its intake processes: messages, most of them read. Pure.

Both ends are the same Python on the same machine, so that `marshal` may carry it: a report costs
1 µs a side, its objects would cost 50.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from warmstation_server.history.codec import NAN
from warmstation_server.history.received import EPOCH, Flat, Received, microseconds, moment
from warmstation_server.history.unflat import report_of_flat
from warmstation_server.intake import Message
from warmstation_server.intake.accept import read
from warmstation_wire import BadPayload

_LENGTH_BYTES = 4
_Head = tuple[str, int, int, int]
_NAN_BYTES = array("d", [NAN]).tobytes()


def framed(content: Any) -> bytes:
    """One parcel's bytes: its length, then what it holds."""
    body = marshal.dumps(content)
    return len(body).to_bytes(_LENGTH_BYTES, "little") + body


def unframed(stream: BinaryIO) -> Iterator[Any]:
    """What each parcel holds, until the other side has gone."""
    for parcel in parcels(stream):
        # From our own process, which we have started.
        yield marshal.loads(memoryview(parcel)[_LENGTH_BYTES:])  # noqa: S302


def parcels(stream: BinaryIO) -> Iterator[bytes]:
    """Each parcel as it is, until the other side has gone."""
    while len(head := stream.read(_LENGTH_BYTES)) == _LENGTH_BYTES:
        length = int.from_bytes(head, "little")
        body = stream.read(length)
        if len(body) < length:
            return
        yield head + body


def as_they_came(messages: Iterable[Message]) -> list[tuple[Any, ...]]:
    """Messages that are still to be read."""
    return [(*head, one.payload) for one, head in _headed(messages)]


def packed(messages: Iterable[Message]) -> list[tuple[Any, ...]]:
    """Messages as they travel: reports read and flat, all others as they came."""
    return [_packed(one, head) for one, head in _headed(messages)]


def unpacked(found: Iterable[tuple[Any, ...]], generation: int) -> Iterator[Message]:
    """The messages again; `generation` tells the sessions of one intake process from the next's."""
    was_us, received_at = 0, moment(0)
    for parcel in found:
        topic, received_us, session, mid, *rest = parcel
        if received_us != was_us:
            was_us, received_at = received_us, moment(received_us)
        session += generation << 32
        if len(rest) == 1:
            yield Message(topic, rest[0], received_at, session, mid)
            continue
        stream, seq, measured_us, texts, raw = rest
        station = topic.rsplit("/", 2)[1]
        said = Received.read(
            (station, stream, seq, measured_us),
            texts[0],
            received_at,
            Flat(texts, _numbers(raw)),
            report_of_flat,
        )
        yield Message(topic, b"", received_at, session, mid, said)


def _headed(messages: Iterable[Message]) -> Iterator[tuple[Message, _Head]]:
    was_at, received_us = EPOCH, 0
    for one in messages:
        topic, _, received_at, session, mid, _ = one
        if received_at is not was_at:
            was_at, received_us = received_at, microseconds(received_at)
        yield one, (topic, received_us, session, mid)


def _packed(message: Message, head: _Head) -> tuple[Any, ...]:
    try:
        said = read(message)
    except BadPayload:
        said = None  # the server refuses it again, in its own words
    if not isinstance(said, Received) or said.flat is None:
        return (*head, message.payload)
    # Many reports share one object of texts, which `marshal` writes once.
    texts, values = said.flat
    return (*head, said.stream, said.seq, said.measured_us, texts, array("d", values).tobytes())


def _numbers(raw: bytes) -> list[float]:
    values = array("d", raw).tolist()
    if _NAN_BYTES not in raw:
        return values
    return [NAN if value != value else value for value in values]
