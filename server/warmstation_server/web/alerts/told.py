"""Who was told of an alert, and what became of it: the ledger in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from warmstation_server.notify.delivery import NOBODY, LedgerLine, Unfinished
from warmstation_server.notify.notice import NoticeKind
from warmstation_server.notify.words import KIND_WORDS
from warmstation_server.places import Text
from warmstation_server.web.words import Words

_ROLES: Mapping[str, str] = {
    "delivered": "ok",
    "retry": "warn",
    "permanent": "bad",
    "dead": "bad",
    "nobody": "bad",
}


class Told(NamedTuple):
    """One line. `what`: which notices. `code`, `detail`: the vendor's words; `notes`: ours."""

    who: str
    what: str
    channel: str
    word: str
    role: str
    at: datetime
    notes: tuple[str, ...] = ()
    code: str = ""
    detail: str = ""


def told(
    attempts: Iterable[LedgerLine], unfinished: Iterable[Unfinished], words: Words
) -> list[Told]:
    """What is still to come, then every attempt, the newest first."""
    return [*(_coming(one, words) for one in unfinished), *(_tried(one, words) for one in attempts)]


def _coming(one: Unfinished, words: Words) -> Told:
    what, word = _what((one.kind,), words), words(f"told.{one.state}")
    if one.recipient == NOBODY:
        return Told(words("told.nobody"), what, "", word, "bad", one.due_at)
    return Told(one.recipient, what, one.channel, word, _ROLES.get(one.state, "na"), one.due_at)


def _tried(one: LedgerLine, words: Words) -> Told:
    outcome = one.outcome or "unanswered"
    return Told(
        one.recipient,
        _what(one.kinds, words),
        one.channel,
        words(f"told.{outcome}"),
        _ROLES.get(outcome, "na"),
        one.started_at,
        tuple(_notes(one, words)),
        one.vendor_code or "",
        one.detail or "",
    )


def _what(kinds: Iterable[NoticeKind], words: Words) -> str:
    return " / ".join(words.text(KIND_WORDS.get(one, Text(one))) for one in kinds)


def _notes(one: LedgerLine, words: Words) -> Iterator[str]:
    if one.latency_ms is not None:
        yield words("told.ms", n=one.latency_ms)
    if one.notices > 1:
        yield words("told.with", n=one.notices)
    if one.may_repeat:
        yield words("told.repeat")
