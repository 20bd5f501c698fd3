"""The MQTT 3.1.1 packets that come and go by the thousand, as bytes. Pure.

paho makes and reads all others. Section numbers in comments are of the OASIS standard.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


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


def publish(message: Outgoing, mid: int) -> bytes:
    """PUBLISH at QoS 1 (3.3)."""
    topic, payload, retain = message
    name = topic.encode()
    head = b"%c%b" % (0x33 if retain else 0x32, _length(len(name) + len(payload) + 4))
    return b"".join((head, len(name).to_bytes(2, "big"), name, mid.to_bytes(2, "big"), payload))


def pubacks(mids: Iterable[int]) -> bytes:
    """One PUBACK for each (3.4), back to back."""
    return b"".join([b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids])


def incoming(flags: int, body: bytes) -> Incoming:
    """A PUBLISH taken apart (3.3); Malformed where it is cut short."""
    end = 2 + int.from_bytes(body[:2], "big")
    start = end + 2 if flags & 0x06 else end
    if len(body) < start or len(body) < 2:
        raise Malformed("a PUBLISH that ends within its header")
    try:
        topic = body[2:end].decode("utf-8")
    except UnicodeDecodeError:
        topic = "(not UTF-8)"
    return Incoming(topic, body[start:], int.from_bytes(body[end:start], "big"))


def _length(length: int) -> bytes:
    """The remaining length (2.2.3): seven bits a byte, the lowest first."""
    if length < 0x80:
        return bytes((length,))
    if length < 0x4000:
        return bytes((length & 0x7F | 0x80, length >> 7))
    return bytes((length & 0x7F | 0x80,)) + _length(length >> 7)
