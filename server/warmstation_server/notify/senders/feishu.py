"""Feishu custom bots, signed. https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.

Where each code was seen, and which were not seen again, is in the room's README.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, Final

from warmstation_server.clock import Clock
from warmstation_server.notify.http import Http
from warmstation_server.notify.mention import mentioned
from warmstation_server.notify.notice import ENDS, Severity
from warmstation_server.notify.outcome import Outcome
from warmstation_server.notify.sender import Message
from warmstation_server.notify.senders.bot import Codes, ask

MAX_BYTES: Final = 16_000
"""The vendor takes 20 KB of the whole body."""
PER_MINUTE: Final = 100
CODES = Codes(
    keys=("code", "StatusCode"),
    texts=("msg", "StatusMessage"),
    limits={
        11232: timedelta(minutes=1),  # the service is busy, often at full hours
        11233: timedelta(minutes=1),  # too many into this chat
        11247: timedelta(minutes=1),  # too many messages
    },
    permanent=frozenset(
        {
            19001,  # the token in the address is not valid
            19002,  # parameters
            19007,  # bot not enabled
            19021,  # signature, or a timestamp more than an hour off
            19022,  # this address is not on the bot's list
            19024,  # keyword missing
            9499,  # not a body that it knows
            11246,  # not a card that it can make out
        }
    ),
)
_COLOURS: dict[Severity, str] = {
    "notice": "blue",
    "warning": "yellow",
    "urgent": "orange",
    "critical": "red",
}
_OVER = "green"


class FeishuBot:
    """`url` holds the bot's token; `secret` is its 签名校验 secret, None where it has none.

    `mention`: open ids (`ou_...`), or `all`.
    """

    def __init__(
        self,
        url: str,
        secret: str | None,
        http: Http,
        clock: Clock,
        mention: tuple[str, ...] = (),
    ) -> None:
        self._mention = mention
        self._url = url
        self._secret = secret
        self._http = http
        self._clock = clock

    def send(self, message: Message) -> Outcome:
        """As a card where Markdown is wanted, else as text."""
        who = mentioned(message, self._mention)
        body = _card(message, who) if message.flavour == "markdown" else _text(message, who)
        secrets = [self._url, self._url.rpartition("/")[2]]
        if self._secret is not None:
            body = signed(self._secret, self._clock.now()) | body
            secrets.append(self._secret)
        return ask(self._http, self._url, body, CODES, secrets)


def signed(secret: str, now: datetime) -> dict[str, Any]:
    """Fields of a signed body: here the text to sign is the key, and nothing is signed with it."""
    timestamp = str(int(now.timestamp()))
    digest = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}


def _text(message: Message, who: tuple[str, ...]) -> dict[str, Any]:
    text = "\n".join((message.text, *(f'<at user_id="{one}"></at>' for one in who)))
    return {"msg_type": "text", "content": {"text": text}}


def _card(message: Message, who: tuple[str, ...]) -> dict[str, Any]:
    worst = next((one for one in message.said if one.kind not in ENDS), None)
    colour = _OVER if worst is None else _COLOURS[worst.severity]
    # A card has a head of its own: the first line would stand there twice.
    said = message.text.partition("\n")[2] or message.text
    said = "\n".join((said, *(f"<at id={one}></at>" for one in who)))
    return {
        "msg_type": "interactive",
        "card": {
            "header": {
                "title": {"tag": "plain_text", "content": message.title},
                "template": colour,
            },
            "elements": [{"tag": "markdown", "content": said}],
        },
    }
