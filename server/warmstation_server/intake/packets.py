"""MQTT 3.1.1 packets (OASIS standard, sections 2 and 3), as far as a server needs them. Pure.

Section numbers in comments are of that standard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"
MAX_PACKET_BYTES = 256 * 1024
"""The broker's limit is far below; a longer packet is a stream out of step."""
FAILURE = 0x80


class Kind(IntEnum):
    """The packets that a broker sends."""

    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBACK = 9
    PINGRESP = 13


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


def connect(client_id: str, keepalive_s: int, username: str | None, password: str | None) -> bytes:
    """CONNECT to a session that outlives the connection (3.1)."""
    flags = (0x80 if username is not None else 0) | (0x40 if password is not None else 0)
    fields = [client_id, *(text for text in (username, password) if text is not None)]
    header = b"\x00\x04MQTT\x04" + bytes([flags]) + keepalive_s.to_bytes(2, "big")
    return _packet(0x10, header + b"".join(map(_text, fields)))


def subscribe(mid: int, filters: Iterable[str]) -> bytes:
    """SUBSCRIBE at QoS 1 (3.8)."""
    topics = b"".join(_text(topic) + b"\x01" for topic in filters)
    return _packet(0x82, mid.to_bytes(2, "big") + topics)


def publish(message: Outgoing, mid: int) -> bytes:
    """PUBLISH at QoS 1 (3.3)."""
    body = _text(message.topic) + mid.to_bytes(2, "big") + message.payload
    return _packet(0x33 if message.retain else 0x32, body)


def pubacks(mids: Iterable[int]) -> bytes:
    """One PUBACK for each (3.4), back to back."""
    return b"".join(b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids)


def incoming(flags: int, body: bytes) -> Incoming:
    """A PUBLISH taken apart; Malformed where it is cut short."""
    end = 2 + int.from_bytes(body[:2], "big")
    start = end + 2 if flags & 0x06 else end
    if len(body) < start or len(body) < 2:
        raise Malformed("a PUBLISH that ends within its header")
    try:
        topic = body[2:end].decode("utf-8")
    except UnicodeDecodeError:
        topic = "(not UTF-8)"
    return Incoming(topic, body[start:], int.from_bytes(body[end:start], "big"))


class Splitter:
    """Cuts a stream of bytes into packets; keeps what is not whole yet."""

    def __init__(self) -> None:
        self._rest = b""

    def packets(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Kind, flags and body of every whole packet; Malformed where it is none."""
        data = self._rest + data if self._rest else data
        self._rest, at = b"", 0
        while at < len(data):
            found = _length(data, at + 1)
            if found is None or found[1] + found[0] > len(data):
                self._rest = data[at:]
                return
            length, start = found
            first = data[at]
            at = start + length
            yield first >> 4, first & 0x0F, data[start:at]


def _length(data: bytes, at: int) -> tuple[int, int] | None:
    """The remaining length (2.2.3) and where it ends; None where it is not there yet."""
    length = shift = 0
    while at < len(data):
        byte = data[at]
        length |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            if length > MAX_PACKET_BYTES:
                raise Malformed(f"a packet of {length} bytes")
            return length, at
        if shift > 21:
            raise Malformed("a remaining length of more than four bytes")
    return None


def _packet(first: int, body: bytes) -> bytes:
    length, encoded = len(body), bytearray([first])
    while True:
        length, low = divmod(length, 128)
        encoded.append(low | (0x80 if length else 0))
        if not length:
            return bytes(encoded) + body


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw
