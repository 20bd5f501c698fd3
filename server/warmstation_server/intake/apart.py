"""The intake in processes of its own, as the server sees it: the same Intake.

Receiving and reading a report costs half as much as storing and judging it, and one Python process
uses one core. The process is started again when it, or one of its readers, dies; the broker brings
again what was not acknowledged.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from warmstation_server.intake import Message
from warmstation_server.intake.inflow import Inflow
from warmstation_server.intake.orders import ACKNOWLEDGE, END, PUBLISH, STATE, URGENT, Orders
from warmstation_server.intake.packets import Outgoing
from warmstation_server.intake.parcels import framed, unframed, unpacked

log = logging.getLogger(__name__)

RETRY_S = 0.5
_STUCK_S = 60.0
"""A process that takes nothing for so long is ended, and another one is started. Long, since a busy
machine may hold one up, and with it go the receipts that are on their way."""
_MOST_UNACKNOWLEDGED = 2**16
"""As many messages as MQTT has numbers for: the broker stops there, nobody here has to. So what is
urgent never waits behind a full inbox."""
_MODULE = "warmstation_server.intake.own_process"


class IntakeApart(Inflow):
    """Starts the process, hands on what it reads, and tells it what to send."""

    def __init__(self, orders: Orders) -> None:
        super().__init__(max(orders.queue, _MOST_UNACKNOWLEDGED))
        self._orders = framed(pickle.dumps(orders))
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._down: socket.socket | None = None
        self._generation = 0
        self._past_connections = 0

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """PUBACK, where the process and the connection that brought the message still stand."""
        sessions: dict[int, list[int]] = {}
        for one in messages:
            if one.mid:
                sessions.setdefault(one.session, []).append(one.mid)
        for session, mids in sessions.items():
            if session >> 32 == self._generation:
                self._send((ACKNOWLEDGE, session & 0xFFFFFFFF, mids))

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        """Send all at QoS 1; False, and none, without a connection."""
        return self._is_connected and self._send((PUBLISH, [tuple(one) for one in messages]))

    @property
    def pid(self) -> int | None:
        """The process, where there is one."""
        process = self._process
        return None if process is None else process.pid

    def close(self, timeout: timedelta = timedelta(seconds=2)) -> None:
        """Let it send what is on its way, and end; at most `timeout`."""
        super().close(timeout)
        self._kill()

    def _take_leave(self) -> None:
        self._send((END,))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._one_process()
            if not self._stopping.wait(RETRY_S):
                log.warning("the intake process has ended, another one is started")

    def _one_process(self) -> None:
        up, their_up = socket.socketpair()
        down, their_down = socket.socketpair()
        with down, os.fdopen(up.detach(), "rb", 2**20) as stream:
            with their_up, their_down:
                ends = their_up.fileno(), their_down.fileno()
                command = [sys.executable, "-m", _MODULE, *map(str, ends)]
                process = subprocess.Popen(  # noqa: S603 - our own words
                    command, pass_fds=ends, stdin=subprocess.DEVNULL
                )
            with self._lock:
                self._generation += 1
                self._process, self._down = process, down
            down.settimeout(_STUCK_S)
            self._send_whole(self._orders)
            try:
                for kind, *rest in unframed(stream):
                    self._take_in(kind, rest)
            finally:
                self._leave(process)

    def _take_in(self, kind: int, rest: list[Any]) -> None:
        if kind == STATE:
            reached, self._is_connected = rest
            self._connections = self._past_connections + reached
            return
        messages = list(unpacked(rest[0], self._generation))
        if kind == URGENT:
            self._inbox.hurry(messages)
        else:
            self._inbox.put(messages)

    def _leave(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._is_connected, self._down = False, None
            self._past_connections = self._connections
        with suppress(subprocess.TimeoutExpired):
            process.wait(RETRY_S)
        process.kill()
        process.wait()

    def _send(self, content: object) -> bool:
        return self._send_whole(framed(content))

    def _send_whole(self, data: bytes) -> bool:
        """False where nobody is there; a process that takes nothing any more is ended."""
        with self._lock:
            if self._down is None:
                return False
            try:
                self._down.sendall(data)
            except OSError as error:
                log.warning("the intake process takes nothing: %s", error)
                self._down = None
                self._kill()
                return False
        return True

    def _kill(self) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()
