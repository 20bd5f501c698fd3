"""The MQTT 3.1.1 packets that come and go by the thousand, as bytes. Pure.

paho makes and reads all others. Section numbers in comments are of the OASIS standard.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_PUBLISH, _PUBACK = 0x30, 0x40
_QOS = 0x06
_LENGTH_BYTES = 4


class Outgoing(NamedTuple):
    """A message to publish."""

    topic: str
    payload: bytes
    retain: bool = False


class Incoming(NamedTuple):
    """A message that was published; `mid` is 0 where it wants no acknowledgement."""

    topic: str
    payload: bytes
    mid: int


class Malformed(ValueError):
    """Bytes that are no MQTT; the connection is of no more use."""


_new = tuple.__new__
"""Half of what calling a NamedTuple costs."""


def publish(message: Outgoing, mid: int) -> bytes:
    """PUBLISH at QoS 1 (3.3)."""
    topic, payload, retain = message
    name = topic.encode()
    head = _head(0x33 if retain else 0x32, len(name) + len(payload) + 4)
    return b"".join((head, len(name).to_bytes(2, "big"), name, mid.to_bytes(2, "big"), payload))


def pubacks(mids: Iterable[int]) -> bytes:
    """One PUBACK for each (3.4), back to back."""
    return b"".join([b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids])


def is_frequent(first: int) -> bool:
    """Whether a packet that begins so is a PUBLISH at QoS 0 or 1, or a PUBACK."""
    return first & 0xF4 == _PUBLISH or first == _PUBACK


def taken_off(data: bytes, at: int, found: list[Incoming]) -> int:
    """Add what is published from `at` on to `found`, and read over PUBACKs; where that ends.

    It ends before a packet that is not whole, and before one of another kind.
    """
    end = len(data)
    while end - at >= 2 and is_frequent(first := data[at]):
        length, start = data[at + 1], at + 2
        if length & 0x80:
            length, start = _long_length(data, at + 1)
        stop = start + length
        if stop > end:
            break
        if first != _PUBACK:
            found.append(_incoming(data, start, stop, first & _QOS))
        at = stop
    return at


def _incoming(data: bytes, start: int, stop: int, qos: int) -> Incoming:
    """A PUBLISH taken apart (3.3); Malformed where it is cut short."""
    topic_at = start + 2
    end = topic_at + int.from_bytes(data[start:topic_at], "big")
    body = end + 2 if qos else end
    if body > stop:
        raise Malformed("a PUBLISH that ends within its header")
    try:
        topic = data[topic_at:end].decode("utf-8")
    except UnicodeDecodeError:
        topic = "(not UTF-8)"
    return _new(Incoming, (topic, data[body:stop], int.from_bytes(data[end:body], "big")))


def _long_length(data: bytes, at: int) -> tuple[int, int]:
    """The remaining length and where the packet's body begins: past the end where it is cut."""
    length = 0
    for place, byte in enumerate(data[at : at + _LENGTH_BYTES]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return length, at + place + 1
    if len(data) - at < _LENGTH_BYTES:
        return 0, len(data) + 1
    raise Malformed("a length of more than four bytes")


@lru_cache(maxsize=1024)
def _head(first: int, length: int) -> bytes:
    """The fixed header (2.2): receipts have a handful of lengths."""
    return bytes((first,)) + _length(length)


def _length(length: int) -> bytes:
    """The remaining length (2.2.3): seven bits a byte, the lowest first."""
    if length < 0x80:
        return bytes((length,))
    if length < 0x4000:
        return bytes((length & 0x7F | 0x80, length >> 7))
    return bytes((length & 0x7F | 0x80,)) + _length(length >> 7)
