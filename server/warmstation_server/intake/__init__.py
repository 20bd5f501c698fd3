"""How messages come in: a transport hands them over and forgets them only when told to.

`Transport` is all that the pipeline knows of a broker; `mqtt.py` is the real one, `apart.py` the
same in a process of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from warmstation_server.history import Received
from warmstation_server.intake.packets import Outgoing


class Message(NamedTuple):
    """One message as it came.

    `session` and `mid` are the transport's own: which connection brought it, under which number.
    `said`: the report in it, where it has been read already; `payload` is empty then.
    """

    topic: str
    payload: bytes
    received_at: datetime
    session: int = 0
    mid: int = 0
    said: Received | None = None


class Transport(Protocol):
    """Delivers each message at least once, until it is acknowledged."""

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        """Up to `limit` waiting messages; waits at most `timeout` for the first of them."""
        ...

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """These are dealt with for good: do not bring them again."""
        ...


class Intake(Transport, Protocol):
    """A transport that connects by itself, and through which the server also speaks."""

    def urgent(self, timeout: timedelta) -> list[Message]:
        """Those that may be dangerous, each once, ahead of their turn; waits for a first one."""
        ...

    @property
    def connections(self) -> int:
        """How often a broker was reached; a change means that it may have forgotten things."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there now."""
        ...

    @property
    def waiting(self) -> int:
        """Messages that have come and were not taken yet."""
        ...

    def start(self) -> None:
        """Begin to connect, in the background and for as long as it takes."""
        ...

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        """Send all at QoS 1; False where none could be taken."""
        ...

    def close(self, timeout: timedelta) -> None:
        """Send what is on its way, then go."""
        ...
