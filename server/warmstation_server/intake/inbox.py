"""A bounded place between the network thread, which puts, and the pipeline, which takes.

What may be dangerous is seen at once: `urgent` shows it, `take` brings it all the same when its
turn comes, so that the order of messages and of their acknowledgements stays as it is.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from datetime import timedelta

from warmstation_server.intake import Message
from warmstation_server.intake.urgent import urgent_among


class Inbox:
    """First in, first out. A full inbox makes `put` wait: back-pressure, not memory growth."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._messages: deque[Message] = deque()
        self._urgent: list[Message] = []
        self._closed = False
        lock = threading.Lock()
        self._filled = threading.Condition(lock)
        self._emptied = threading.Condition(lock)
        self._hurried = threading.Condition(lock)

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, messages: Sequence[Message]) -> bool:
        """Wait for room and put; False where the inbox was closed (they are dropped then).

        All go in together once there is room for one: what one recv brought is soon over. What
        is urgent waits for no room.
        """
        urgent = urgent_among(messages)
        with self._emptied:
            if urgent:
                self._urgent += urgent
                self._hurried.notify()
            while len(self._messages) >= self._size and not self._closed:
                self._emptied.wait()
            if self._closed:
                return False
            self._messages.extend(messages)
            self._filled.notify()
        return True

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        """What is there, up to `limit`; waits for a first message. Empty once closed."""
        with self._filled:
            if not self._messages and not self._closed:
                self._filled.wait(timeout.total_seconds())
            count = min(limit, len(self._messages))
            taken = [self._messages.popleft() for _ in range(count)]
            if taken:
                self._emptied.notify_all()
        return taken

    def hurry(self, messages: Sequence[Message]) -> None:
        """Show these as urgent; somebody else has seen that they are. Their turn comes later."""
        with self._hurried:
            self._urgent += messages
            self._hurried.notify()

    def urgent(self, timeout: timedelta) -> list[Message]:
        """Those that may be dangerous, each once, ahead of their turn; waits for a first one."""
        with self._hurried:
            if not self._urgent and not self._closed:
                self._hurried.wait(timeout.total_seconds())
            found, self._urgent = self._urgent, []
        return found

    def close(self) -> None:
        """Let go of everybody who waits; nothing more comes in."""
        with self._filled:
            self._closed = True
            self._messages.clear()
            self._urgent.clear()
            self._filled.notify_all()
            self._hurried.notify_all()
            self._emptied.notify_all()
