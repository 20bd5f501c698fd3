"""What goes between the server and its intake processes: messages, most of them read. Pure.

Both ends are the same Python on the same machine, so that `marshal` may carry it: a report costs
few µs a side, its objects would cost 50. Columns, since a list of numbers is one thing to carry.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

from warmstation_server.history.codec import NAN
from warmstation_server.history.received import EPOCH, Flat, Received, microseconds, moment
from warmstation_server.history.unflat import report_of_flat
from warmstation_server.intake import Message
from warmstation_server.intake.accept import read
from warmstation_wire import BadPayload

_LENGTH_BYTES = 4
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


class Columns(NamedTuple):
    """Messages side by side; a payload is None where the report in it was read already.

    What follows the payloads is of those reports alone; all their values are in one piece.
    """

    topics: list[str]
    received_us: list[int]
    sessions: list[int]
    mids: list[int]
    payloads: list[bytes | None]
    streams: list[str]
    seqs: list[int]
    measured_us: list[int]
    texts: list[tuple[Any, ...]]
    widths: list[int]
    values: bytes


def as_they_came(messages: Iterable[Message]) -> tuple[Any, ...]:
    """Messages that are still to be read."""
    return _columns([(one, None) for one in messages])


def packed(messages: Iterable[Message]) -> tuple[Any, ...]:
    """Messages as they travel: reports read and flat, all others as they came."""
    return _columns([(one, _read(one)) for one in messages])


def unpacked(found: tuple[Any, ...], generation: int) -> Iterator[Message]:
    """The messages again; `generation` tells the sessions of one intake process from the next's."""
    columns = Columns(*found)
    was_us, received_at, offset = 0, moment(0), generation << 32
    reports, numbers, at = zip(*columns[5:10], strict=True), _numbers(columns.values), 0
    for topic, received_us, session, mid, payload in zip(*columns[:5], strict=True):
        if received_us != was_us:
            was_us, received_at = received_us, moment(received_us)
        if payload is not None:
            yield Message(topic, payload, received_at, session + offset, mid)
            continue
        stream, seq, measured_us, texts, width = next(reports)
        flat = Flat(texts, numbers[at : at + width])
        at += width
        identity = topic.rsplit("/", 2)[1], stream, seq, measured_us
        said = Received.read(identity, texts[0], received_at, flat, report_of_flat)
        yield Message(topic, b"", received_at, session + offset, mid, said)


def _columns(messages: Sequence[tuple[Message, Received | None]]) -> tuple[Any, ...]:
    was_at, received_us = EPOCH, 0
    columns = Columns([], [], [], [], [], [], [], [], [], [], b"")
    values = array("d")
    for (topic, payload, received_at, session, mid, _), said in messages:
        if received_at is not was_at:
            was_at, received_us = received_at, microseconds(received_at)
        columns.topics.append(topic)
        columns.received_us.append(received_us)
        columns.sessions.append(session)
        columns.mids.append(mid)
        if said is None or said.flat is None:
            columns.payloads.append(payload)
            continue
        columns.payloads.append(None)
        # Many reports share one object of texts, which `marshal` writes once.
        texts, numbers = said.flat
        columns.streams.append(said.stream)
        columns.seqs.append(said.seq)
        columns.measured_us.append(said.measured_us)
        columns.texts.append(texts)
        columns.widths.append(len(numbers))
        values.extend(numbers)
    return *columns[:-1], values.tobytes()


def _read(message: Message) -> Received | None:
    try:
        said = read(message)
    except BadPayload:
        return None  # the server refuses it again, in its own words
    return said if isinstance(said, Received) else None


def _numbers(raw: bytes) -> list[float]:
    values = array("d", raw).tolist()
    if _NAN_BYTES not in raw:
        return values
    return [NAN if value != value else value for value in values]
