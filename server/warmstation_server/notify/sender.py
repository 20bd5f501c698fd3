"""What every way out of here can do: one method. One file a vendor under `senders/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from warmstation_server.notify.notice import Notice
from warmstation_server.notify.outcome import Outcome

Flavour = Literal["plain", "markdown"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it leaves. `key`: the idempotency key, the same on every attempt.

    `notices`: all that are told by it. `shown`: those that its words say, where some are overtaken
    by others of the same alert.
    """

    key: str
    title: str
    text: str
    flavour: Flavour
    language: str
    may_repeat: bool
    notices: Sequence[Notice]
    shown: Sequence[Notice] = ()

    @property
    def said(self) -> Sequence[Notice]:
        """The notices that its words say."""
        return self.shown or self.notices


class Sender(Protocol):
    """Hands a message to one vendor."""

    def send(self, message: Message) -> Outcome:
        """Deliver, and say what became of it; never raises for what a vendor may do."""
        ...
