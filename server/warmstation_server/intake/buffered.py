"""A connected socket that asks the system once for all that has come.

Packets that come by the thousand are taken out of its memory in one go; paho reads the others
there, in four pieces each. For `paho_parts` and `connection` alone.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

CHUNK_BYTES = 256 * 1024
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class BufferedSocket:
    """TCP or TLS. `recv` gives what `fill` brought and never goes to the system itself.

    So whoever reads until `recv` has no more has read exactly one `fill`, however fast the other
    side sends.
    """

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._is_tls = isinstance(inner, ssl.SSLSocket)
        self._bytes = b""
        self._at = 0

    def fill(self) -> None:
        """Take what has come, and wait for nothing; OSError where the connection is broken.

        TLS gives a record at a time, and brokers make one of each message.
        """
        found = [self._bytes[self._at :]]
        size = 0
        with suppress(*_NOT_NOW):
            while size < CHUNK_BYTES:
                data = self._inner.recv(CHUNK_BYTES)
                if not data and not size:
                    raise ConnectionResetError("the broker closed the connection")
                found.append(data)
                size += len(data)
                if not self._is_tls or not data:
                    break
        if size:
            self._bytes = b"".join(found)
            self._at = 0

    def recv(self, count: int) -> bytes:
        """Up to `count` bytes that are here; BlockingIOError where there are none."""
        at = self._at
        data = self._bytes[at : at + count]
        if not data:
            raise BlockingIOError
        self._at = at + len(data)
        return data

    def take(self, taken_off: Callable[[bytes, int], int]) -> None:
        """Hand over all bytes and where they begin; it says how far they are dealt with."""
        self._at = taken_off(self._bytes, self._at)

    def first(self) -> int:
        """The first byte that `recv` would give; there is one."""
        return self._bytes[self._at]

    def pending(self) -> int:
        """How many bytes `recv` could give."""
        return len(self._bytes) - self._at

    def hides(self) -> int:
        """Bytes that TLS has decrypted and no selector sees: `fill` brings them at once."""
        return self._inner.pending() if isinstance(self._inner, ssl.SSLSocket) else 0

    def send(self, data: bytes | bytearray) -> int:
        """As a socket's; how many bytes went out."""
        return self._inner.send(data)

    def close(self) -> None:
        """As a socket's."""
        self._inner.close()

    def fileno(self) -> int:
        """As a socket's; for selectors."""
        return self._inner.fileno()

    def setblocking(self, flag: bool) -> None:
        """As a socket's."""
        self._inner.setblocking(flag)
