"""Who is mentioned (@) in a group: a muted group is silent at night, a mention is not. Pure."""

from __future__ import annotations

from typing import Final

from warmstation_server.notify.notice import ENDS, NoticeKind
from warmstation_server.notify.sender import Message

ALL: Final = "all"
"""Everybody in the group."""
_OVER: frozenset[NoticeKind] = ENDS | {"severity_down", "steady", "acknowledged"}


def mentioned(message: Message, who: tuple[str, ...]) -> tuple[str, ...]:
    """Whom to mention: these where the message calls somebody to danger, else nobody."""
    calls = (one.severity == "critical" and one.kind not in _OVER for one in message.said)
    return who if any(calls) else ()


def room_for(who: tuple[str, ...]) -> int:
    """Bytes that naming them takes at most, with the longest marks of a vendor around."""
    return sum(len(one.encode()) + len('<at user_id=""></at>\n') for one in who)
