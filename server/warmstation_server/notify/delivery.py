"""What passes between the outbox in the registry and the drain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from warmstation_server.notify.notice import ENDS, Notice, NoticeKind, Severity
from warmstation_server.notify.outcome import OutcomeKind

SEVERITIES: tuple[Severity, ...] = ("notice", "warning", "urgent", "critical")
"""From the least to the worst."""
NOBODY = "nobody"
"""The recipient of a notice that no route takes; such a delivery is dead from the start."""
GIVE_UP = timedelta(hours=24)
"""After a notice was tried first; an outage of a night loses nothing."""
WINDOW = timedelta(minutes=1)
"""Vendors count messages by the minute."""

TO_ALL: frozenset[NoticeKind] = ENDS | {"acknowledged"}
"""What everybody hears who was told of the alert before."""

DeliveryState = Literal["waiting", "sending", "delivered", "moved", "dead"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where one notice goes, and not before when. `may_repeat`: it may have been told already."""

    recipient: str
    channel: str
    language: str
    due_at: datetime
    may_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice to one recipient over one channel.

    `message`: the message that it was part of, where that may have arrived. `tried_at`: when it was
    sent first, where its notice is so old that it matters.
    """

    id: int
    notice: Notice
    recipient: str
    channel: str
    language: str
    attempts: int = 0
    may_repeat: bool = False
    message: str | None = None
    tried_at: datetime | None = None

    @property
    def severity_rank(self) -> int:
        """Higher is worse."""
        return SEVERITIES.index(self.notice.severity)

    @property
    def is_critical(self) -> bool:
        """Whether it goes before all others."""
        return self.notice.severity == "critical"


@dataclass(frozen=True, slots=True)
class Pace:
    """What a channel has had: messages begun within WINDOW, and until when it must rest."""

    sent: int
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Detour:
    """The fallback channel for what is critical while a channel rests for longer than this."""

    channel: str
    patience: timedelta


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries that go as one message."""

    message: str
    deliveries: Sequence[Delivery]
    may_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch that is ours until `leased_until`; its attempt is in the ledger already."""

    attempt: int
    owner: str
    batch: Batch
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a delivery becomes after an attempt. `address`: its way over the fallback channel."""

    state: DeliveryState
    due_at: datetime | None = None
    attempts: int = 0
    may_repeat: bool = False
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """What is written down, in one transaction, when a message has been answered."""

    outcome: OutcomeKind
    vendor_code: str
    detail: str
    latency_ms: int
    held_until: datetime | None
    verdicts: Mapping[int, Verdict]
    notices: Sequence[Notice] = ()


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A delivery that is on its way, waits until `due_at`, or was given up."""

    recipient: str
    channel: str
    kind: NoticeKind
    state: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One attempt, for staff. `outcome` is None while nobody knows.

    `kinds`: what it told of the alert that was asked about.
    """

    message: str
    channel: str
    recipient: str
    notices: int
    may_repeat: bool
    started_at: datetime
    latency_ms: int | None
    outcome: str | None
    vendor_code: str | None
    detail: str | None
    kinds: tuple[NoticeKind, ...] = ()
