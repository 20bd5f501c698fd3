"""The picture of a trouble, and the channels that take one."""

from __future__ import annotations

import base64
import email
import hashlib
import struct
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import SHANGHAI, TEMPLATES, channel, notice
from tests.support.registered import NOON, received
from tests.support.smtp import post_office
from tests.support.vendors import OK, answers, vendor
from warmstation_server.history import Point
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.notify.batching import message_key
from warmstation_server.notify.curve import Curves, png
from warmstation_server.notify.delivery import Batch, Delivery
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.http import Http
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.sender import Message, Sender
from warmstation_server.notify.senders.smtp import Mailbox, SmtpSender
from warmstation_server.notify.senders.wecom import WeComBot

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


def measured(hours: int) -> MemoryHistory:
    history = MemoryHistory()
    history.append(
        [
            received(
                number + 1,
                NOON - timedelta(minutes=5 * number),
                climate={"room_c": 18.0 + number % 3, "outlet_c": 44.0},
            )
            for number in reversed(range(12 * hours))
        ]
    )
    return history


def said(sender: Sender, notices: Sequence[Notice]) -> Message:
    deliveries = [Delivery(n, one, "people", "c", "zh-CN") for n, one in enumerate(notices)]
    return channel("c", sender).message(Batch(message_key(deliveries), deliveries), TEMPLATES)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_was_measured_around_it_becomes_a_png(language: str) -> None:
    drawn = Curves(measured(5), SHANGHAI)(notice(station="ks-songnan"), language)
    assert drawn is not None
    assert drawn.startswith(b"\x89PNG")
    assert struct.unpack(">II", drawn[16:24]) == (640, 340)
    assert len(drawn) < 100_000


def test_without_data_or_where_no_temperature_is_the_matter_there_is_none() -> None:
    curves = Curves(measured(5), SHANGHAI)
    assert curves(notice(station="ks-other"), "en") is None
    assert curves(notice(station="ks-songnan", evidence={"level": 0.1}), "en") is None
    assert png([], NOON, "en", SHANGHAI) is None


def test_a_heater_without_power_is_a_matter_of_temperature_too() -> None:
    told: dict[str, float | str] = {"mode": "heat", "link": "power", "power_w": 0.0}
    curves = Curves(measured(5), SHANGHAI)
    assert curves(notice(station="ks-songnan", evidence=told), "en") is not None


def test_a_history_that_is_away_costs_the_picture_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Away:
        def series(self, *_: object) -> list[Point]:
            raise ConnectionError("locked")

    assert Curves(Away(), SHANGHAI)(notice(), "en") is None
    assert "no picture for ks-1: locked" in caplog.text


def test_wecom_gets_it_as_a_message_of_its_own_after_the_words() -> None:
    with vendor(OK) as bot:
        sender = WeComBot(bot.url, Http(Guard(None)), lambda _notice, _language: PNG)
        assert sender.send(said(sender, [notice()])).kind == "delivered"
        words, image = (one.json() for one in bot.asked)
    assert words["msgtype"] == "markdown"
    assert base64.b64decode(image["image"]["base64"]) == PNG
    assert image["image"]["md5"] == hashlib.md5(PNG).hexdigest()


def test_what_becomes_of_the_picture_does_not_change_what_became_of_the_words() -> None:
    with vendor(OK) as bot:
        bot.then(OK, answers({"errcode": 45009, "errmsg": "api freq out of limit"}))
        sender = WeComBot(bot.url, Http(Guard(None)), lambda _notice, _language: PNG)
        assert sender.send(said(sender, [notice()])).kind == "delivered"
        assert len(bot.asked) == 2


def test_good_news_digests_and_refused_words_bring_no_picture() -> None:
    with vendor(OK) as bot:
        sender = WeComBot(bot.url, Http(Guard(None)), lambda _notice, _language: PNG)
        sender.send(said(sender, [notice(kind="resolved")]))
        sender.send(said(sender, [notice(1), notice(2)]))
        bot.then(answers({"errcode": 93000, "errmsg": "invalid webhook url"}))
        sender.send(said(sender, [notice()]))
        assert [one.json()["msgtype"] for one in bot.asked] == ["markdown"] * 3


def test_a_mail_carries_it_inline() -> None:
    with post_office() as post:
        box = Mailbox("127.0.0.1", post.port, "none", "warm@x.example", ["a@x.example"])
        sender = SmtpSender(box, FakeClock(), picture=lambda _notice, _language: PNG)
        assert sender.send(said(sender, [notice()])).kind == "delivered"
        mail = email.message_from_bytes(post.mails[0])
    text, image = (part for part in mail.walk() if not part.is_multipart())
    assert text.get_content_type() == "text/plain"
    assert image.get_content_type() == "image/png"
    assert image.get_content_disposition() == "inline"
    assert image.get_payload(decode=True) == PNG
