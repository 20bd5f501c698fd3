"""What became of one message at a vendor. Senders return it, `verdict` decides what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

OutcomeKind = Literal["delivered", "retry", "permanent"]
_DETAIL_CHARS = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code`: the vendor's own, or a word of ours where none came.

    `after`: not again before that. `may_have_arrived`: the vendor was told everything, but its
    answer was not heard. `is_limit`: the whole channel was refused, not this message.
    """

    kind: OutcomeKind
    code: str
    detail: str = ""
    after: timedelta | None = None
    may_have_arrived: bool = False
    is_limit: bool = False


def delivered(code: str, detail: str = "") -> Outcome:
    """The vendor has it."""
    return Outcome("delivered", code, detail[:_DETAIL_CHARS])


def permanent(code: str, detail: str = "") -> Outcome:
    """Saying it again would be refused again."""
    return Outcome("permanent", code, detail[:_DETAIL_CHARS])


def retry(code: str, detail: str = "", *, may_have_arrived: bool = False) -> Outcome:
    """It may go through another time."""
    return Outcome("retry", code, detail[:_DETAIL_CHARS], may_have_arrived=may_have_arrived)


def limited(code: str, detail: str, after: timedelta) -> Outcome:
    """Too many messages: the channel rests for so long."""
    return Outcome("retry", code, detail[:_DETAIL_CHARS], after=after, is_limit=True)
