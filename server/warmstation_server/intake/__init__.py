"""How messages come in: a transport hands them over and forgets them only when told to.

`Transport` is all that the pipeline knows of a broker; `mqtt.py` is the real one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol


class Message(NamedTuple):
    """One message as it came.

    `session` and `mid` are the transport's own: which connection brought it, under which number.
    """

    topic: str
    payload: bytes
    received_at: datetime
    session: int = 0
    mid: int = 0


class Transport(Protocol):
    """Delivers each message at least once, until it is acknowledged."""

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        """Up to `limit` waiting messages; waits at most `timeout` for the first of them."""
        ...

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """These are dealt with for good: do not bring them again."""
        ...
