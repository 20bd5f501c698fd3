"""An intake whose own thread fills an inbox: what `mqtt` and `apart` have in common."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from datetime import timedelta

from warmstation_server.intake import Message
from warmstation_server.intake.inbox import Inbox


class Inflow(ABC):
    """The half of an Intake that looks at the inbox; the other half is the way to the broker."""

    def __init__(self, queue: int) -> None:
        self._inbox = Inbox(queue)
        self._connections = 0
        self._is_connected = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    def start(self) -> None:
        """Begin to connect, in the background and for as long as it takes."""
        self._thread.start()

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        """Up to `limit` waiting messages; waits at most `timeout` for the first of them."""
        return self._inbox.take(limit, timeout)

    def urgent(self, timeout: timedelta) -> list[Message]:
        """Messages that may be dangerous, ahead of their turn; waits for a first one."""
        return self._inbox.urgent(timeout)

    @property
    def waiting(self) -> int:
        """Messages that have come and were not taken yet."""
        return len(self._inbox)

    @property
    def connections(self) -> int:
        """How often a broker was reached; a change means that it may have forgotten things."""
        return self._connections

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there now."""
        return self._is_connected

    def close(self, timeout: timedelta = timedelta(seconds=2)) -> None:
        """Send what is on its way, disconnect, end the thread; at most `timeout`."""
        self._stopping.set()
        self._take_leave()
        self._inbox.close()
        if self._thread.is_alive():
            self._thread.join(timeout.total_seconds())

    @abstractmethod
    def _run(self) -> None:
        """Fill the inbox until `_stopping`."""

    @abstractmethod
    def _take_leave(self) -> None:
        """Let `_run` end once everything was sent."""
