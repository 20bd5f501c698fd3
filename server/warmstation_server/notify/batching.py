"""Which of the waiting deliveries go now, and in what company. Pure.

Vendors count messages in any minute, so a window that slides is kept, not a bucket that could
empty twice within one. The last messages of a window are left to critical notices. What is
critical goes alone and first while there is room, and in digests only where messages are fewer
than critical notices: there, waiting for a message of its own is what would delay it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from warmstation_server.notify.delivery import Batch, Delivery, Pace

ALONE = 3
"""So few ordinary notices go each in full, where the window has room."""

Fits = Callable[[Sequence[Delivery]], int]
"""How many of these, from the first, one digest holds; at least one."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Messages in any minute, and how many of them are kept for critical notices."""

    per_minute: int

    @property
    def reserve(self) -> int:
        """A fifth, and never the whole."""
        return min(max(1, self.per_minute // 5), self.per_minute - 1)


def next_batch(due: Sequence[Delivery], pace: Pace, limit: Limit, fits: Fits) -> Batch | None:
    """The next message of a channel; `due` is sorted, the worst first. None: nothing may go."""
    room = limit.per_minute - pace.sent
    if not due or room <= 0 or pace.held_until is not None:
        return None
    first = due[0]
    if first.is_critical:
        return _again(first, due) or _critical(due, room, fits)
    room -= limit.reserve
    if room <= 0:
        return None
    return _again(first, due) or _ordinary(due, room, fits)


def message_key(deliveries: Sequence[Delivery]) -> str:
    """The same for the same notices over the same channel, whoever sends them."""
    said = "\n".join((deliveries[0].channel, *(one.notice.key for one in deliveries)))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _again(first: Delivery, due: Sequence[Delivery]) -> Batch | None:
    """What may have arrived goes again as the very same message."""
    if first.message is None:
        return None
    same = sorted((one for one in due if one.message == first.message), key=_order)
    return Batch(first.message, same, may_repeat=True)


def _critical(due: Sequence[Delivery], room: int, fits: Fits) -> Batch:
    critical = [one for one in due if one.is_critical]
    if len(critical) <= room:
        return _alone(due)
    return _digest(critical, fits)


def _ordinary(due: Sequence[Delivery], room: int, fits: Fits) -> Batch:
    if len(due) <= min(ALONE, room):
        return _alone(due)
    return _digest(due, fits)


def _alone(due: Sequence[Delivery]) -> Batch:
    """The first one's alert in a message of its own, with all that is to be said of it."""
    first = due[0]
    of = first.notice.alert_id
    more = (one for one in due[1:] if of and one.notice.alert_id == of and _is_like(one, first))
    return _batch((first, *more))


def _digest(due: Sequence[Delivery], fits: Fits) -> Batch:
    """As many as fit, of the first one's language and recipient, none that may have arrived."""
    first = due[0]
    like = [one for one in due if _is_like(one, first)]
    return _batch(like[: max(1, fits(like))])


def _is_like(one: Delivery, first: Delivery) -> bool:
    """Whether it may go in the same message: none that may have arrived in another."""
    return (one.language, one.recipient, one.message) == (first.language, first.recipient, None)


def _batch(deliveries: Sequence[Delivery]) -> Batch:
    may_repeat = any(one.may_repeat for one in deliveries)
    return Batch(message_key(deliveries), deliveries, may_repeat)


def _order(delivery: Delivery) -> tuple[int, int]:
    return -delivery.severity_rank, delivery.id
