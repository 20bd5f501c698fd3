from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import notice
from tests.support.patience import PATIENCE_S
from tests.support.vendors import Vendor, answers, drips, half, reset, silent, vendor
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.http import Http
from warmstation_server.notify.outcome import Outcome
from warmstation_server.notify.sender import Flavour, Message, Sender
from warmstation_server.notify.senders.dingtalk import DingTalkBot
from warmstation_server.notify.senders.feishu import FeishuBot
from warmstation_server.notify.senders.wecom import WeComBot

SECRET = "SEC-of-the-bot"
KINDS = ("wecom", "dingtalk", "feishu")


def message(flavour: Flavour = "markdown") -> Message:
    return Message("k1", "标题", "第一行\n第二行", flavour, "zh-CN", False, [notice(1)])


def sender(kind: str, url: str, http: Http | None = None) -> Sender:
    http = http or Http(Guard(None), deadline_s=PATIENCE_S)
    if kind == "wecom":
        return WeComBot(url, http)
    bot: Callable[..., Sender] = DingTalkBot if kind == "dingtalk" else FeishuBot
    return bot(url, SECRET, http, FakeClock())


@pytest.fixture
def server() -> Iterator[Vendor]:
    with vendor() as found:
        yield found


def said(kind: str, code: int, text: str) -> Mapping[str, Any]:
    """A refusal in the vendor's own words: all come with HTTP 200."""
    if kind == "feishu":
        return {"code": code, "msg": text, "data": {}}
    return {"errcode": code, "errmsg": text}


def outcome(kind: str, server: Vendor) -> Outcome:
    return sender(kind, server.url).send(message())


@pytest.mark.parametrize("kind", KINDS)
def test_only_code_zero_is_delivered(kind: str, server: Vendor) -> None:
    server.then(answers(said(kind, 0, "ok")))
    assert outcome(kind, server) == Outcome("delivered", "0")


def test_feishu_may_answer_in_its_old_form(server: Vendor) -> None:
    server.then(answers({"StatusCode": 0, "StatusMessage": "success"}))
    assert outcome("feishu", server).kind == "delivered"


def test_dingtalk_may_say_its_code_as_a_text(server: Vendor) -> None:
    server.then(answers({"errcode": "0", "errmsg": "ok"}))
    assert outcome("dingtalk", server).kind == "delivered"


@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [
        ("wecom", 93000, "invalid webhook url, hint: [1755605200]"),
        ("wecom", 40058, "markdown.content exceed max length 4096"),
        ("wecom", 45002, "content size out of limit"),
        ("dingtalk", 310000, "sign not match"),
        ("dingtalk", 310000, "keywords not in content"),
        ("dingtalk", 300005, "token is not exist"),
        ("feishu", 19001, "param invalid: incoming webhook access token invalid"),
        ("feishu", 19021, "sign match fail or timestamp is not within one hour"),
        ("feishu", 19024, "Key Words Not Found"),
        ("feishu", 9499, "Bad Request"),
        ("feishu", 11246, "ErrCode: 100290; there is an invalid user resource in your card"),
    ],
)
def test_a_refusal_with_http_200_is_permanent(
    kind: str, code: int, text: str, server: Vendor
) -> None:
    server.then(answers(said(kind, code, text)))
    assert outcome(kind, server) == Outcome("permanent", str(code), text)


@pytest.mark.parametrize(
    ("kind", "code", "text", "rest"),
    [
        ("wecom", 45009, "api freq out of limit", timedelta(minutes=1)),
        ("dingtalk", 130101, "send too fast, exceed 20 times per minute", timedelta(minutes=10)),
        ("feishu", 11232, "frequency limited psm", timedelta(minutes=1)),
        ("feishu", 9499, "too many request", timedelta(minutes=1)),
    ],
)
def test_too_many_messages_rest_the_channel(
    kind: str, code: int, text: str, rest: timedelta, server: Vendor
) -> None:
    server.then(answers(said(kind, code, text)))
    found = outcome(kind, server)
    assert (found.kind, found.code, found.after, found.is_limit) == ("retry", str(code), rest, True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_that_no_table_has_is_tried_again(kind: str, server: Vendor) -> None:
    server.then(answers(said(kind, -1, "system busy")))
    assert outcome(kind, server) == Outcome("retry", "-1", "system busy")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("behave", [half, reset, silent, drips])
def test_without_a_whole_answer_it_may_have_arrived(kind: str, behave: Any, server: Vendor) -> None:
    server.then(behave)
    for deadline_s in (0.05, 0.5, 5.0):
        soon = Http(Guard(None), deadline_s=deadline_s)
        found = sender(kind, server.url, soon).send(message())
        if found.code != "unreachable":  # a busy machine may not have asked by then
            break
    assert (found.kind, found.code, found.may_have_arrived) == ("retry", "unanswered", True)
    assert "SECRET-KEY" not in found.detail
    assert SECRET not in found.detail


@pytest.mark.parametrize(
    ("behave", "kind", "code"),
    [
        (answers(b"<html>busy</html>", 503), "retry", "http-503"),
        (answers(b"", 404), "permanent", "http-404"),
        (answers(b"", 302, Location="http://127.0.0.1/elsewhere"), "permanent", "http-302"),
        (answers(b"not json"), "retry", "http-200"),
        (answers(b"[]"), "retry", "http-200"),
        (answers({"errcode": True}), "retry", "http-200"),
        (answers({"errcode": None}), "retry", "http-200"),
        (answers({"errcode": "9" * 5_000}), "retry", "http-200"),
        (answers(b"[" * 60_000), "retry", "http-200"),
        (answers(b" " * 5_000_000), "retry", "http-200"),
    ],
)
def test_where_the_body_says_nothing_the_status_does(
    behave: Any, kind: str, code: str, server: Vendor
) -> None:
    server.then(behave)
    found = outcome("wecom", server)
    assert (found.kind, found.code) == (kind, code)
    assert found.may_have_arrived == (code == "http-200")


def test_retry_after_is_heard_within_reason(server: Vendor) -> None:
    server.then(answers(b"", 429, Retry_After="30"))
    assert outcome("wecom", server).after == timedelta(seconds=30)
    for long in ("999999", "9" * 18, "9" * 5_000):
        server.then(answers(b"", 429, Retry_After=long))
        assert outcome("wecom", server).after == timedelta(hours=1)


def test_a_code_is_read_beside_words_in_another_charset(server: Vendor) -> None:
    server.then(answers('{"errcode": 93000, "errmsg": "无效的地址"}'.encode("gb18030")))
    found = outcome("wecom", server)
    assert (found.kind, found.code) == ("permanent", "93000")


def test_nobody_there_is_not_sent() -> None:
    with vendor() as gone:
        url = gone.url
    found = sender("wecom", url).send(message())
    assert (found.kind, found.code, found.may_have_arrived) == ("retry", "unreachable", False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_vendor_that_repeats_a_secret_is_not_quoted(kind: str, server: Vendor) -> None:
    server.then(answers(said(kind, 93000, f"no {server.url} and no SECRET-KEY nor {SECRET}")))
    url = server.url.replace("key=", "access_token=" if kind == "dingtalk" else "key=")
    if kind == "feishu":
        url = f"http://127.0.0.1:{server.port}/hook/SECRET-KEY"
    found = sender(kind, url).send(message())
    assert "SECRET-KEY" not in found.detail
    assert (SECRET in found.detail) == (kind == "wecom")  # which has no such secret


def test_wecom_gets_its_kind_of_body(server: Vendor) -> None:
    sender("wecom", server.url).send(message())
    sender("wecom", server.url).send(message("plain"))
    text = "第一行\n第二行"
    assert [one.json() for one in server.asked] == [
        {"msgtype": "markdown", "markdown": {"content": text}},
        {"msgtype": "text", "text": {"content": text}},
    ]
    assert server.asked[0].path == "/send?key=SECRET-KEY"


def test_dingtalk_is_signed_in_its_address(server: Vendor) -> None:
    sender("dingtalk", server.url).send(message())
    [asked] = server.asked
    query = parse_qs(urlsplit(asked.path).query)
    [timestamp] = query["timestamp"]
    assert timestamp == str(int(FakeClock().now().timestamp() * 1000))
    key, text = SECRET.encode(), f"{timestamp}\n{SECRET}".encode()
    assert query["sign"] == [base64.b64encode(hmac.digest(key, text, "sha256")).decode()]
    assert asked.json()["markdown"] == {"title": "标题", "text": "第一行  \n第二行"}


def test_feishu_is_signed_in_its_body(server: Vendor) -> None:
    sender("feishu", server.url).send(message())
    body = server.asked[0].json()
    assert body["timestamp"] == str(int(FakeClock().now().timestamp()))
    key = f"{body['timestamp']}\n{SECRET}".encode()
    assert body["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    assert body["card"]["elements"] == [
        {"tag": "markdown", "content": "第二行"}
    ]  # the head says it
