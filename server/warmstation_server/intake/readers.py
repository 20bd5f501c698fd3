"""Who reads what the intake process has received: that process itself, or several beside it.

With several, all messages of a station go to the same one, so that they stay in their order. They
live and die together with the process that holds the connection: the broker brings again what none
of them has finished. For `own_process` alone.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, BinaryIO, Protocol

from warmstation_server.intake import Message
from warmstation_server.intake.orders import MESSAGES
from warmstation_server.intake.parcels import as_they_came, framed, packed, parcels

log = logging.getLogger(__name__)

_MODULE = "warmstation_server.intake.reader"


class Up:
    """The way to the server, for any thread; OSError when it has gone."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._lock = threading.Lock()

    def send(self, content: Any) -> None:
        """One parcel."""
        self.forward(framed(content))

    def forward(self, parcel: bytes) -> None:
        """One parcel that is made already."""
        with self._lock:
            self._line.sendall(parcel)

    def close(self) -> None:
        """Nothing more is sent: the server sees that this process is of no more use."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)


class Readers(Protocol):
    """Whoever reads messages and sends them up."""

    def read(self, messages: Sequence[Message]) -> None:
        """Each station's in the order in which they come."""
        ...


class Here:
    """This very process reads."""

    def __init__(self, up: Up) -> None:
        self._up = up

    def read(self, messages: Sequence[Message]) -> None:
        """At once."""
        self._up.send((MESSAGES, packed(messages)))


class Beside:
    """Others read, at the far ends of `lines`; where one of them ends, so does this process."""

    def __init__(self, lines: Sequence[socket.socket], up: Up) -> None:
        self._lines = lines
        self._up = up
        for line in lines:
            stream = line.makefile("rb")
            threading.Thread(target=self._forward, args=(stream,), daemon=True).start()

    def read(self, messages: Sequence[Message]) -> None:
        """Hand out to each its stations' messages."""
        shares: list[list[Message]] = [[] for _ in self._lines]
        for one in messages:
            station = one.topic.rpartition("/")[0]
            shares[hash(station) % len(shares)].append(one)
        for line, share in zip(self._lines, shares, strict=True):
            if share:
                line.sendall(framed(as_they_came(share)))

    def _forward(self, stream: BinaryIO) -> None:
        with suppress(OSError), stream:
            for parcel in parcels(stream):
                self._up.forward(parcel)
        log.warning("a process that reads has ended")
        self._up.close()


def started() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A process that reads, and the line to it."""
    line, theirs = socket.socketpair()
    with theirs:
        end = theirs.fileno()
        process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-m", _MODULE, str(end)], pass_fds=(end,), stdin=subprocess.DEVNULL
        )
    return process, line
