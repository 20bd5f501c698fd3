"""WeCom group bots. https://developer.work.weixin.qq.com/document/path/91770.

Codes: the vendor's list of global return codes (document 90313), read in two public libraries that
are generated from it; 93000 and 45009 are also what many projects report of their bots. The list is
of the whole platform, not of bots: 41001 speaks there of the access token.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any, Final

from warmstation_server.notify.curve import Picture, nothing, of_message
from warmstation_server.notify.http import Http
from warmstation_server.notify.mention import ALL, mentioned
from warmstation_server.notify.outcome import Outcome
from warmstation_server.notify.sender import Message
from warmstation_server.notify.senders.bot import Codes, ask

MAX_BYTES: Final = 2_048
"""Of a text; a Markdown message may have 4,096, but then no client outside of WeCom shows it."""
MAX_PICTURE_BYTES: Final = 2_000_000
PER_MINUTE: Final = 20
CODES = Codes(
    keys=("errcode",),
    texts=("errmsg",),
    limits={
        45009: timedelta(minutes=1),  # called too often
        45033: timedelta(seconds=10),  # too many calls at once
    },
    permanent=frozenset(
        {
            40008,  # message type
            40009,  # size of media
            40033,  # characters that are not allowed
            40035,  # parameter
            40058,  # parameter; also content beyond the limit
            41001,  # the token is missing: the address has no key
            44004,  # empty content
            45002,  # content beyond the limit
            47001,  # not JSON
            93000,  # the address's key is not valid, or the bot was removed
            93004,  # bot disabled
            93008,  # bot not in the group
        }
    ),
)


class WeComBot:
    """`url` holds the bot's key: it is a secret. `picture`: follows, as a message of its own.

    `mention`: user ids, in text also `all`; its Markdown knows nobody of that name.
    """

    def __init__(
        self, url: str, http: Http, picture: Picture = nothing, mention: tuple[str, ...] = ()
    ) -> None:
        self._mention = mention
        self._url = url
        self._http = http
        self._picture = picture

    def send(self, message: Message) -> Outcome:
        """As Markdown or text."""
        who = mentioned(message, self._mention)
        if message.flavour == "markdown":
            text = "\n".join((message.text, *(f"<@{one}>" for one in who)))
            body: dict[str, Any] = {"msgtype": "markdown", "markdown": {"content": text}}
        else:
            body = {"msgtype": "text", "text": {"content": message.text}}
            if who:
                body["text"]["mentioned_list"] = ["@all" if one == ALL else one for one in who]
        outcome = self._ask(body)
        if outcome.kind == "delivered" and not message.may_repeat:
            self._show(message)
        return outcome

    def _show(self, message: Message) -> None:
        """What became of the picture changes nothing: the words were delivered."""
        drawn = of_message(message, self._picture)
        if drawn is not None and len(drawn) <= MAX_PICTURE_BYTES:
            md5 = hashlib.md5(drawn, usedforsecurity=False).hexdigest()
            image = {"base64": base64.b64encode(drawn).decode(), "md5": md5}
            self._ask({"msgtype": "image", "image": image})

    def _ask(self, body: dict[str, Any]) -> Outcome:
        return ask(self._http, self._url, body, CODES, (self._url, self._url.rpartition("=")[2]))
