"""Sockets that forget nobody's deadline between two bytes: for whoever asks a server.

A socket counts its timeout anew with each piece that it reads, and one byte now and then is a
piece: who drips would hold a thread for good.
"""

from __future__ import annotations

import errno
import io
import math
import socket
import time
from typing import Any

_PIECE_BYTES = 16_384
"""A record of TLS: the longest that one timeout of a socket is good for."""


def left(deadline: float) -> float:
    """Seconds until then, by the monotonic clock; TimeoutError where there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("it took too long")
    return seconds


def send(sock: socket.socket, data: bytes, deadline: float) -> None:
    """All of it before the deadline."""
    for start in range(0, len(data), _PIECE_BYTES):
        sock.settimeout(left(deadline))
        sock.sendall(data[start : start + _PIECE_BYTES])


class Reader(io.RawIOBase):
    """Reads before the deadline; each piece within `step_s`, all of them within `max_bytes`."""

    def __init__(
        self,
        sock: socket.socket,
        deadline: float,
        step_s: float = math.inf,
        max_bytes: float = math.inf,
    ) -> None:
        self._sock = sock
        self._deadline = deadline
        self._step_s = step_s
        self._room = max_bytes

    def readable(self) -> bool:
        """See RawIOBase."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See RawIOBase."""
        if self._room <= 0:
            raise OSError(errno.EMSGSIZE, "the server says too much")
        self._sock.settimeout(min(left(self._deadline), self._step_s))
        count = self._sock.recv_into(buffer)
        self._room -= count
        return count
