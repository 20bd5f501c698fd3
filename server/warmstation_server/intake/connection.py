"""One connection to the broker: a paho client driven by one thread; another thread may send.

A read takes all that has come and a write all that waits, hundreds of packets each.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from paho.mqtt.client import ConnectFlags
from paho.mqtt.reasoncodes import ReasonCode

from warmstation_server.intake.buffered import CHUNK_BYTES, BufferedSocket
from warmstation_server.intake.packets import Incoming
from warmstation_server.intake.paho_parts import HotClient

log = logging.getLogger(__name__)

MAX_UNSENT_BYTES = 32 * 2**20
_HOUSEKEEPING_S = 1.0
_REST_S = 0.004
"""After what has come: under load the next read brings dozens. Each turn costs as much as three
reports, and takes Python's lock from those who work on them."""
_READ = selectors.EVENT_READ
_BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE


class Connection:
    """Subscribes to `filters`, and to `unwanted` no more, and calls `greeted(session_kept)` when
    the broker has accepted."""

    def __init__(
        self,
        client: HotClient,
        filters: Sequence[str],
        greeted: Callable[[bool], None],
        unwanted: Sequence[str] = (),
    ) -> None:
        self._client = client
        self._filters, self._unwanted = filters, unwanted
        self._greeted = greeted
        self._why: str | None = None
        self._lock = threading.Lock()
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._is_ending = self._has_left = False
        self._wake_out, self._wake_in = socket.socketpair()
        for end in (self._wake_out, self._wake_in):
            end.setblocking(False)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_subscribe = self._on_subscribe

    def send(self, whole: bytes) -> bool:
        """Put whole packets on their way, from any thread; False where it is over."""
        with self._lock:
            if self._is_ending:
                return False
            self._unsent.append(whole)
            self._unsent_bytes += len(whole)
        self._wake()
        return True

    @property
    def is_full(self) -> bool:
        """Whether so much waits that what can be said later should be."""
        return self._unsent_bytes > MAX_UNSENT_BYTES

    def end(self) -> None:
        """Let `run` say goodbye and return when everything was sent; from any thread."""
        with self._lock:
            self._is_ending = True
        self._wake()

    def run(
        self, host: str, port: int, keepalive_s: int, received: Callable[[list[Incoming]], None]
    ) -> None:
        """Connect, and hand on what comes, until the end; OSError where the connection breaks."""
        client = self._client
        client.connect(host, port, keepalive_s)
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_out, _READ)
            if (wire := client.wire) is not None:
                selector.register(wire, _READ)
            while (wire := client.wire) is not None:
                self._turn(wire, selector)
                if client.arrived:
                    arrived, client.arrived = client.arrived, []
                    received(arrived)
                    time.sleep(_REST_S)
        if not self._has_left:
            raise ConnectionResetError(self._why or "the connection broke")

    def close(self) -> None:
        """Let go of the sockets."""
        with self._lock:
            self._is_ending = True
        if (wire := self._client.wire) is not None:
            wire.close()
        self._wake_out.close()
        self._wake_in.close()

    def _turn(self, wire: BufferedSocket, selector: selectors.BaseSelector) -> None:
        if not wire.hides():
            wanted = _BOTH if self._unsent or self._client.want_write() else _READ
            if selector.get_key(wire).events != wanted:
                selector.modify(wire, wanted)
            selector.select(_HOUSEKEEPING_S)
        with suppress(BlockingIOError):
            self._wake_out.recv(4096)
        # One read a turn: a flood from the broker must not hold up what it waits for.
        client = self._client
        client.read()
        client.loop_misc()
        self._write()

    def _write(self) -> None:
        """Into paho's own queue only when that is empty, so that it is written in order."""
        client = self._client
        if client.want_write():
            client.loop_write()
        if not client.want_write() and (whole := self._next_unsent()):
            client.send(whole)
        if self._is_ending and not self._unsent and not self._has_left:
            self._has_left = True
            client.disconnect()

    def _next_unsent(self) -> bytes:
        """Some of what waits, always whole packets."""
        with self._lock:
            size, taken = 0, []
            while self._unsent and size < CHUNK_BYTES:
                taken.append(self._unsent.popleft())
                size += len(taken[-1])
            self._unsent_bytes -= size
        return b"".join(taken)

    def _wake(self) -> None:
        with suppress(OSError):  # full: it is awake already; closed: nobody is there
            self._wake_in.send(b"\x00")

    def _on_connect(
        self, client: object, _data: Any, flags: ConnectFlags, reason: ReasonCode, _props: Any
    ) -> None:
        if reason.is_failure:
            self._why = f"it refuses: {reason}"
            return
        if self._unwanted and flags.session_present:
            self._client.unsubscribe(list(self._unwanted))
        self._client.subscribe([(topic, 1) for topic in self._filters])
        self._greeted(flags.session_present)

    def _on_subscribe(
        self, _client: object, _data: Any, _mid: int, reasons: list[ReasonCode], _props: Any
    ) -> None:
        for topic, reason in zip(self._filters, reasons, strict=False):
            if reason.is_failure:
                log.error("the broker refused the subscription to %s: %s", topic, reason)

    def _on_disconnect(
        self, _client: object, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        self._why = self._why or str(reason)
