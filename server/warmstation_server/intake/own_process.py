"""The intake as a process of its own: it reads what the broker brings, the server stores it.

It holds the connection, and reads by itself, or has several processes beside it that do.

Started by `apart.py` as `python -m warmstation_server.intake.own_process UP DOWN`, two sockets: UP
takes what was read, DOWN brings the configuration, then what to acknowledge and to publish. It ends
when the server says so, and when the server has gone; what was not acknowledged stays with the
broker.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import sys
import threading
from datetime import timedelta
from typing import Any, BinaryIO

from warmstation_server import logs
from warmstation_server.clock import SystemClock
from warmstation_server.intake import Message
from warmstation_server.intake.mqtt import MqttIntake
from warmstation_server.intake.orders import (
    ACKNOWLEDGE,
    END,
    GC_THRESHOLDS,
    PUBLISH,
    STATE,
    URGENT,
    Orders,
)
from warmstation_server.intake.packets import Outgoing
from warmstation_server.intake.parcels import packed, unframed
from warmstation_server.intake.readers import Beside, Here, Readers, Up, started

_AT_ONCE = 500
_LOOK = timedelta(milliseconds=100)


class Reading:
    """Carries messages up in one thread, and what the server wants down in another."""

    def __init__(self, intake: MqttIntake, up: Up, readers: Readers) -> None:
        self._intake = intake
        self._up = up
        self._readers = readers
        self._unsent = 0
        self._told: tuple[int, bool] | None = None

    def carry(self) -> None:
        """Take, read and send, for ever; OSError when the server has gone."""
        while True:
            messages = self._intake.take(_AT_ONCE, _LOOK)
            self._tell()
            if urgent := self._intake.urgent(timedelta(0)):
                self._up.send((URGENT, packed(urgent)))
            if messages:
                self._readers.read(messages)

    def obey(self, down: BinaryIO) -> None:
        """Do as the server says, until it ends this or has gone."""
        for kind, *rest in unframed(down):
            if kind == ACKNOWLEDGE:
                self._acknowledge(*rest)
            elif kind == PUBLISH:
                self._publish(*rest)
            elif kind == END:
                self._intake.close()
                return

    def _tell(self) -> None:
        """What was not sent may be missing at the broker, as after a new connection."""
        state = self._intake.connections + self._unsent, self._intake.is_connected
        if state != self._told:
            self._told = state
            self._up.send((STATE, *state))

    def _acknowledge(self, session: int, mids: list[int]) -> None:
        at = _NO_TIME
        self._intake.acknowledge([Message("", b"", at, session, mid) for mid in mids])

    def _publish(self, messages: list[tuple[str, bytes, bool]]) -> None:
        if not self._intake.publish([Outgoing(*one) for one in messages]):
            self._unsent += 1


_NO_TIME = SystemClock().now()


def main(up_fd: int, down_fd: int) -> None:
    """Run until told to end."""
    # The server decides when: a Ctrl-C, or the end of a unit, reaches this process as well.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    gc.set_threshold(*GC_THRESHOLDS)
    down = os.fdopen(down_fd, "rb", 2**20)
    orders = _orders(down)
    logs.configure(orders.log, orders.secrets)
    intake = MqttIntake(orders.broker, orders.queue, SystemClock())
    up = Up(socket.socket(fileno=up_fd))
    beside = [started() for _ in range(orders.processes)] if orders.processes > 1 else []
    readers = Beside([line for _, line in beside], up) if beside else Here(up)
    reading = Reading(intake, up, readers)
    intake.start()
    threading.Thread(target=_carry, args=(reading,), name="reading", daemon=True).start()
    reading.obey(down)
    os._exit(0)  # the other threads wait for nothing that is still needed


def _carry(reading: Reading) -> None:
    try:
        reading.carry()
    except OSError:  # the server has gone, or somebody who reads
        os._exit(0)


def _orders(down: BinaryIO) -> Orders:
    told: Any = pickle.loads(next(unframed(down)))  # noqa: S301 - from the server that started this
    if not isinstance(told, Orders):
        raise TypeError(f"orders are no {type(told)}")
    return told


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
