"""How a server, or what stands before it, may treat a request: with silence, halves and nonsense.

Each is a Manner of `influx_fake`. Silence lasts until the server ends.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Mapping

from tests.support.influx_fake import Manner

_DRIP_S = 0.005


def says(words: bytes, *, then_waits: bool = False) -> Manner:
    """These words alone, and then the end, or silence."""

    def behave(wire: socket.socket, ended: threading.Event) -> None:
        wire.sendall(words)
        if then_waits:
            ended.wait()

    return behave


def _resets(wire: socket.socket, _: threading.Event) -> None:
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drips(words: bytes, more: bytes) -> Manner:
    """Always one byte more, so that no read is ever too long."""

    def behave(wire: socket.socket, ended: threading.Event) -> None:
        wire.sendall(words)
        while not ended.wait(_DRIP_S):
            wire.sendall(more)

    return behave


def _whole(status: str, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


_PAGE = _whole("200 OK", b"<html>\n<p>Sign in, please</p>\n</html>")
_OK = b"HTTP/1.1 200 OK\r\n"

ENDS: Manner = says(
    _whole("200 OK", b",result,table,_value\r\n" + 9_999 * b",,0,7\r\n", "Connection: close")
)
"""A good answer of 9,999 rows, and no more after it."""

NEVER_DONE: Mapping[str, Manner] = {
    "is silent": says(b"", then_waits=True),
    "is silent within the first line": says(b"HTTP/1.1 20", then_waits=True),
    "is silent within the headers": says(_OK + b"Content-Ty", then_waits=True),
    "is silent within the body": says(_OK + b"Content-Length: 9\r\n\r\n,res", then_waits=True),
    "drips headers": drips(_OK + b"X-Slow: ", b"a"),
    "drips a body": drips(_OK + b"Content-Length: 99999999\r\n\r\n", b","),
    "drips a body without an end": drips(_OK + b"Connection: close\r\n\r\n", b","),
    "drips chunks": drips(_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n,\r\n"),
    "goes on and on": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}
"""Without a time for all of it, each of these would hold a thread for good."""

WRONG: Mapping[str, Manner] = {
    "closes": says(b""),
    "resets": _resets,
    "closes within the first line": says(b"HTTP/1.1 20"),
    "closes within the body": says(_OK + b"Content-Length: 9\r\n\r\n,res"),
    "speaks no HTTP": says(b"* OK IMAP4rev1 ready\r\n"),
    "shows a page": says(_PAGE),
    "has taken a part": says(_whole("201 Created", b"")),
    "will do it later": says(_whole("202 Accepted", b"")),
    "sends away, to itself": says(_whole("307 Temporary Redirect", b"", "Location: /api/v2/write")),
    "fails in no known letters": says(_whole("500 Oh", b"\xff\xfe\x00")),
    "packs what cannot be unpacked": says(_whole("500 Oh", b"x" * 9, "Content-Encoding: gzip")),
    "asks for a strange patience": says(_whole("503 Busy", b"", "Retry-After: \xb2")),
    "asks for a patience without end": says(_whole("429 Slow", b"", "Retry-After: " + "9" * 5000)),
}
