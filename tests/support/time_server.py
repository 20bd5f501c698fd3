"""A time server (RFC 5905, as much as a client needs) on a free loopback port, with this clock."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

_SINCE_1900_S = 2_208_988_800
_SERVER = 0x24
"""No leap second, version 4, mode server."""
_STRATUM, _PRECISION = 2, -20
_HEAD = "!BBbbII4s"
_SENT_AT = slice(40, 48)
"""The client's own time stamp, which goes back as the origin."""


@contextmanager
def time_server() -> Iterator[int]:
    """Its port; it answers until the end of the block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        port: int = wire.getsockname()[1]
        answering = Thread(target=_answer, args=(wire,), daemon=True)
        answering.start()
        try:
            yield port
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
                end.sendto(b"", ("127.0.0.1", port))
            answering.join()


def _answer(wire: socket.socket) -> None:
    while True:
        asked, client = wire.recvfrom(512)
        if not asked:
            return
        now = _stamp()
        head = struct.pack(_HEAD, _SERVER, _STRATUM, 6, _PRECISION, 0, 1 << 8, b"\x7f\x00\x00\x01")
        wire.sendto(head + now + asked[_SENT_AT] + now + _stamp(), client)


def _stamp() -> bytes:
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return struct.pack("!II", seconds + _SINCE_1900_S, (nanoseconds << 32) // 1_000_000_000)
