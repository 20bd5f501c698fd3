"""What the chat bots have in common: JSON both ways, and a code in the body that decides.

All three answer HTTP 200 to what they refuse: only their code says whether a message was taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from warmstation_server.notify.errors import NotSent, Refused, Unanswered
from warmstation_server.notify.http import Answer, Http
from warmstation_server.notify.outcome import Outcome, delivered, limited, permanent, retry

HTTP_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_HOLD = timedelta(hours=1)
_DIGITS = 9
"""Of any number that a vendor means; longer ones are more than Python reads or a time can be."""
_TOO_MANY = "too many"
"""Feishu says 9499 to a bad body and to a body too many: only the words differ."""


@dataclass(frozen=True, slots=True)
class Codes:
    """A vendor's table. A code in none of the three is tried again, and given up in time."""

    keys: Sequence[str]
    """Where the code may stand in the body, the first that is there counts."""
    texts: Sequence[str]
    limits: Mapping[int, timedelta]
    """Too many messages, and how long the vendor then keeps silent."""
    permanent: frozenset[int]
    delivered: frozenset[int] = frozenset({0})


def ask(
    http: Http, url: str, body: Mapping[str, Any], codes: Codes, secrets: Sequence[str]
) -> Outcome:
    """Post to a bot and judge its answer; no secret is in what is said about it."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return posted(lambda: judge(http.post(url, raw, headers), codes, secrets))


def posted(judged: Callable[[], Outcome]) -> Outcome:
    """An outcome, also where no answer came."""
    try:
        return judged()
    except Refused as error:
        return permanent("address", str(error))
    except NotSent as error:
        return retry("unreachable", str(error))
    except Unanswered as error:
        return retry("unanswered", str(error), may_have_arrived=True)


def judge(answer: Answer, codes: Codes, secrets: Sequence[str] = ()) -> Outcome:
    """What a bot's answer means."""
    said = _object(answer.body)
    code = next((code for key in codes.keys if (code := _number(said.get(key))) is not None), None)
    if code is None:
        return by_status(answer)
    text = next((str(said[key]) for key in codes.texts if said.get(key)), "")
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    if code in codes.delivered and answer.status < 300:
        return delivered(str(code))
    if code in codes.limits or _TOO_MANY in text.lower():
        return limited(str(code), text, codes.limits.get(code, hold(answer)))
    if code in codes.permanent:
        return permanent(str(code), text)
    return retry(str(code), text)


def by_status(answer: Answer) -> Outcome:
    """What is known where the body says nothing: a 2xx without a code is half an answer."""
    code = f"http-{answer.status}"
    if answer.status == 429:
        return limited(code, "too many messages", hold(answer))
    if answer.status in HTTP_RETRY:
        return retry(code, "the server cannot now")
    if answer.status < 300:
        return retry(code, "the answer has no code", may_have_arrived=True)
    if answer.status < 400:
        return permanent(code, "redirects are not followed")
    return permanent(code, "refused")


def hold(answer: Answer, default: timedelta = timedelta(minutes=1)) -> timedelta:
    """How long Retry-After asks to wait, within reason; only its seconds are understood."""
    asked = answer.headers.get("retry-after", "")
    if not asked.isdecimal():
        return default
    return (
        LONGEST_HOLD if len(asked) > _DIGITS else min(timedelta(seconds=int(asked)), LONGEST_HOLD)
    )


def _number(value: object) -> int | None:
    """A code; some answers have it as a text."""
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value) if len(value) <= _DIGITS else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _object(body: bytes) -> dict[str, Any]:
    """A code is read also from words in another charset; a nest too deep to read says nothing."""
    try:
        said = json.loads(body.decode(json.detect_encoding(body), "replace"))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
