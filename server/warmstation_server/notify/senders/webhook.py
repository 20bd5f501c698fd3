"""A webhook of anybody's: our own JSON, signed, to a public address only.

The receiver checks `Warmstation-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of
`SECONDS.BODY` under the shared secret, and drops an `Idempotency-Key` that it has seen.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any, Final

from warmstation_server.clock import Clock
from warmstation_server.notify.http import Http
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.outcome import Outcome, delivered
from warmstation_server.notify.sender import Message
from warmstation_server.notify.senders.bot import by_status, posted
from warmstation_server.places import Text

MAX_BYTES: Final = 60_000
PER_MINUTE: Final = 120


class Webhook:
    """`secret`: shared with the receiver, None for unsigned."""

    def __init__(self, url: str, secret: str | None, http: Http, clock: Clock) -> None:
        self._url = url
        self._secret = secret
        self._http = http
        self._clock = clock

    def send(self, message: Message) -> Outcome:
        """Any 2xx is taken for delivered; there is no vendor whose body would say otherwise."""
        raw = json.dumps(_body(message), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "warmstation",
            "Idempotency-Key": message.key,
        }
        if self._secret is not None:
            headers["Warmstation-Signature"] = signature(self._secret, raw, self._clock.now())
        return posted(lambda: self._sent(raw, headers))

    def _sent(self, raw: bytes, headers: dict[str, str]) -> Outcome:
        answer = self._http.post(self._url, raw, headers)
        if 200 <= answer.status < 300:
            return delivered(f"http-{answer.status}")
        return by_status(answer)


def signature(secret: str, body: bytes, now: datetime) -> str:
    """The header's value."""
    seconds = str(int(now.timestamp()))
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


def _body(message: Message) -> dict[str, Any]:
    return {
        "version": 1,
        "key": message.key,
        "may_repeat": message.may_repeat,
        "language": message.language,
        "title": message.title,
        "text": message.text,
        "notices": [_notice(notice) for notice in message.notices],
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "key": notice.key,
        "alert_id": notice.alert_id,
        "kind": notice.kind,
        "severity": notice.severity,
        "station": notice.station,
        "station_name": _both(notice.station_name),
        "tier": notice.tier,
        "region_id": notice.region_id,
        "title": _both(notice.title),
        "advice": None if notice.advice is None else _both(notice.advice),
        "evidence": dict(notice.evidence),
        "since": notice.since.astimezone(UTC).isoformat(),
        "at": notice.at.astimezone(UTC).isoformat(),
    }


def _both(text: Text) -> dict[str, str | None]:
    return {"zh": text.zh, "en": text.en}
