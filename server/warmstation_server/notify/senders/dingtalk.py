"""DingTalk custom bots, signed. https://open.dingtalk.com/document/orgapp/custom-robot-access.

Codes 310000, 400013 to 430104: the vendor's document custom-robots-send-group-messages, as several
public projects give it. 130101, 300001, 40035, 43004: its cloud's table of errors and public
reports. 300005: what the live address says to a token that it does not know. 90030: public reports.
-1 (busy) is in none of the lists, and so tried again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from warmstation_server.clock import Clock
from warmstation_server.notify.http import Http
from warmstation_server.notify.mention import ALL, mentioned
from warmstation_server.notify.outcome import Outcome
from warmstation_server.notify.sender import Message
from warmstation_server.notify.senders.bot import Codes, ask

MAX_BYTES: Final = 16_000
"""The vendor takes 20,000 of the whole body; escapes and title need some."""
PER_MINUTE: Final = 20
BLOCKED = timedelta(minutes=10)
"""A bot that said more than 20 messages in a minute is not heard for so long."""
CODES = Codes(
    keys=("errcode",),
    texts=("errmsg",),
    limits={
        130101: BLOCKED,  # more than 20 messages a minute
        410100: BLOCKED,  # sent too fast
        90030: BLOCKED,  # webhook over its limit
    },
    permanent=frozenset(
        {
            300001,  # the token does not exist
            300005,  # the token does not exist
            310000,  # signature, keyword or address not as the bot's security asks
            40035,  # parameters
            43004,  # content type
            400013,  # the group is dissolved
            400101,  # the token does not exist
            400102,  # the bot is disabled
            400105,  # message type
            400106,  # the bot does not exist
            430101,  # unsafe link
            430102,  # inappropriate text
            430103,  # inappropriate picture
            430104,  # inappropriate content
        }
    ),
)


class DingTalkBot:
    """`url` holds the access token; `secret` is the bot's 加签 secret, None where it has none.

    `mention`: mobile numbers, or `all`; a number is only mentioned where the text has it too.
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
        """As Markdown or text; a line needs two spaces at its end to stay one in Markdown."""
        who = mentioned(message, self._mention)
        numbers = [one for one in who if one != ALL]
        text = "\n".join((message.text, *(f"@{one}" for one in numbers)))
        body: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
        if message.flavour == "markdown":
            text = text.replace("\n", "  \n")
            body = {"msgtype": "markdown", "markdown": {"title": message.title, "text": text}}
        if who:
            body["at"] = {"atMobiles": numbers, "isAtAll": ALL in who}
        tokens = parse_qs(urlsplit(self._url).query).get("access_token", [])
        secrets = (self._url, *tokens, *([self._secret] if self._secret else []))
        return ask(self._http, self._signed_url(), body, CODES, secrets)

    def _signed_url(self) -> str:
        if self._secret is None:
            return self._url
        query = signed(self._secret, self._clock.now())
        return f"{self._url}{'&' if '?' in self._url else '?'}{urlencode(query)}"


def signed(secret: str, now: datetime) -> dict[str, str]:
    """Query of a signed call; the vendor takes a timestamp that is at most an hour off."""
    timestamp = str(int(now.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}
