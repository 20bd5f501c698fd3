"""Who is mentioned in a group, in each vendor's way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import TEMPLATES, channel, notice
from tests.support.vendors import Vendor, vendor
from warmstation_server.errors import BadConfig
from warmstation_server.notify.assembly import channels
from warmstation_server.notify.config import parse
from warmstation_server.notify.delivery import Batch, Delivery
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.http import Http
from warmstation_server.notify.mention import mentioned, room_for
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.sender import Flavour, Message, Sender
from warmstation_server.notify.senders.dingtalk import DingTalkBot
from warmstation_server.notify.senders.feishu import FeishuBot
from warmstation_server.notify.senders.wecom import WeComBot
from warmstation_server.places import Text

CRITICAL = notice(1, severity="critical")


@pytest.fixture
def server() -> Iterator[Vendor]:
    with vendor() as found:
        yield found


def message(*notices: Notice, flavour: Flavour = "markdown") -> Message:
    told = notices or (CRITICAL,)
    return Message("k1", "标题", "第一行\n第二行", flavour, "zh-CN", may_repeat=False, notices=told)


def body(kind: str, server: Vendor, who: tuple[str, ...], told: Message) -> dict[str, Any]:
    http = Http(Guard(None))
    senders: dict[str, Sender] = {
        "wecom": WeComBot(server.url, http, mention=who),
        "dingtalk": DingTalkBot(server.url, None, http, FakeClock(), who),
        "feishu": FeishuBot(server.url, None, http, FakeClock(), who),
    }
    senders[kind].send(told)
    said: dict[str, Any] = server.asked[-1].json()
    return said


def test_only_who_is_called_to_danger_is_mentioned() -> None:
    assert mentioned(message(), ("wang",)) == ("wang",)
    assert mentioned(message(notice(1), CRITICAL), ("wang",)) == ("wang",)
    assert mentioned(message(notice(1, severity="urgent")), ("wang",)) == ()
    for kind in ("resolved", "severity_down", "steady", "acknowledged"):
        assert mentioned(message(notice(1, severity="critical", kind=kind)), ("wang",)) == ()
    for kind in ("escalated", "reminder", "stale", "flapping", "severity_up", "still_firing"):
        assert mentioned(message(notice(1, severity="critical", kind=kind)), ("wang",)) == ("wang",)


def test_wecom_mentions_in_its_markdown_and_beside_its_text(server: Vendor) -> None:
    said = body("wecom", server, ("wangwei", "li"), message())
    assert said["markdown"] == {"content": "第一行\n第二行\n<@wangwei>\n<@li>"}
    said = body("wecom", server, ("all", "li"), message(flavour="plain"))
    assert said["text"] == {"content": "第一行\n第二行", "mentioned_list": ["@all", "li"]}
    assert (
        "mentioned_list"
        not in body("wecom", server, ("li",), message(notice(1), flavour="plain"))["text"]
    )


def test_dingtalk_mentions_numbers_that_its_text_has_too(server: Vendor) -> None:
    said = body("dingtalk", server, ("13800000000",), message())
    assert said["markdown"]["text"] == "第一行  \n第二行  \n@13800000000"
    assert said["at"] == {"atMobiles": ["13800000000"], "isAtAll": False}
    said = body("dingtalk", server, ("all",), message(flavour="plain"))
    assert said["text"] == {"content": "第一行\n第二行"}
    assert said["at"] == {"atMobiles": [], "isAtAll": True}
    assert "at" not in body("dingtalk", server, ("all",), message(notice(1)))


def test_feishu_mentions_in_card_and_text(server: Vendor) -> None:
    said = body("feishu", server, ("ou_1", "all"), message())
    assert said["card"]["elements"][0]["content"] == "第二行\n<at id=ou_1></at>\n<at id=all></at>"
    said = body("feishu", server, ("all",), message(flavour="plain"))
    assert said["content"]["text"] == '第一行\n第二行\n<at user_id="all"></at>'


def test_a_message_that_is_full_still_has_room_for_them() -> None:
    who = tuple(f"user-{number}" for number in range(20))
    table = {
        "channels": {"chat": {"type": "wecom", "url_env": "U", "mention": list(who)}},
        "routes": [{"recipient": "r", "tier": "station", "channels": ["chat"]}],
    }
    address = {"U": "https://vendor.example/send?key=K"}
    built = channels(parse(table, "notify.toml"), Path(), address, FakeClock())
    found = channel("chat", None, max_bytes=built["chat"].max_bytes)
    long = notice(1, severity="critical", advice=Text("检查" * 900))
    text = found.message(
        Batch("k", [Delivery(1, long, "r", "chat", "zh-CN")], False), TEMPLATES
    ).text
    assert len(text.encode()) + room_for(who) <= 2_048
    assert len("\n".join((text, *(f"<@{one}>" for one in who))).encode()) <= 2_048


@pytest.mark.parametrize(
    ("kind", "who", "said"),
    [
        ("wecom", ["all"], 'a wecom bot mentions "all" only with format = "plain"'),
        ("dingtalk", ["wang"], 'dingtalk knows mobile numbers, or "all"'),
        ("feishu", ["<at>"], "channels.chat.mention.0"),
    ],
)
def test_a_mention_that_a_vendor_does_not_know_is_refused(
    kind: str, who: list[str], said: str
) -> None:
    chat = {"type": kind, "url_env": "U", "mention": who}
    table = {
        "channels": {"chat": chat},
        "routes": [{"recipient": "r", "tier": "station", "channels": ["chat"]}],
    }
    with pytest.raises(BadConfig, match=said):
        parse(table, "notify.toml")
