"""Who reads what the intake process has received: that process itself, or several beside it.

With several, all messages of a station go to the same one, so that they stay in their order. They
live and die together with the process that holds the connection: the broker brings again what none
of them has finished. For `own_process` alone.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

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
    """So many processes read; where one of them ends, this one does, and so do the others."""

    def __init__(self, count: int, up: Up) -> None:
        self._up = up
        self._lines = [self._started() for _ in range(count)]

    def read(self, messages: Sequence[Message]) -> None:
        """Hand out to each its stations' messages."""
        shares: list[list[Message]] = [[] for _ in self._lines]
        for one in messages:
            station = one.topic.rpartition("/")[0]
            shares[hash(station) % len(shares)].append(one)
        for line, share in zip(self._lines, shares, strict=True):
            if share:
                line.sendall(framed(as_they_came(share)))

    def _started(self) -> socket.socket:
        line, theirs = socket.socketpair()
        with theirs:
            end = theirs.fileno()
            command = [sys.executable, "-m", _MODULE, str(end)]
            subprocess.Popen(  # noqa: S603 - our own words
                command, pass_fds=(end,), stdin=subprocess.DEVNULL
            )
        threading.Thread(target=self._forward, args=(line,), name="reader", daemon=True).start()
        return line

    def _forward(self, line: socket.socket) -> None:
        with suppress(OSError), os.fdopen(line.fileno(), "rb", 2**20, closefd=False) as stream:
            for parcel in parcels(stream):
                self._up.forward(parcel)
        log.warning("a process that reads has ended")
        os._exit(1)
