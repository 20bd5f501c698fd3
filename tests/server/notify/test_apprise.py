"""The long tail by Apprise: believed only where it says so."""

from __future__ import annotations

import logging
import sys
from ipaddress import ip_network
from typing import Any

import pytest

from tests.support.notices import TEMPLATES, channel, notice
from tests.support.vendors import OK, Vendor, answers, half, reset, vendor
from warmstation_server.errors import BadConfig
from warmstation_server.notify.batching import message_key
from warmstation_server.notify.delivery import Batch, Delivery
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.outcome import Outcome
from warmstation_server.notify.senders.apprise import _hosts, sender

# What Apprise imports for one of its services is on its way out of Python.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated.*:DeprecationWarning")


HERE = Guard([ip_network("127.0.0.0/8")])


def told(bot: Vendor, guard: Guard = HERE, **changes: Any) -> Outcome:
    one = sender("tail", f"json://127.0.0.1:{bot.port}/hook/SECRET", guard)
    deliveries = [Delivery(1, notice(1, **changes), "people", "tail", "zh-CN")]
    batch = Batch(message_key(deliveries), deliveries)
    return one.send(channel("tail", one, flavour="plain").message(batch, TEMPLATES))


def test_what_a_service_took_is_delivered_with_its_key() -> None:
    with vendor(OK) as bot:
        assert told(bot).kind == "delivered"
        said = bot.asked[0].json()
    assert "有电但出风口不热" in said["title"]
    assert "检查加热管和风机" in said["message"]
    assert "Idempotency-Key: " in said["message"]
    assert said["type"] == "warning"


@pytest.mark.parametrize("behave", [answers({}, 500), answers({}, 403), reset, half])
def test_anything_else_is_not(behave: Any) -> None:
    with vendor(behave) as bot:
        outcome = told(bot)
    assert outcome.kind == "retry"
    assert outcome.code.startswith("apprise")


def test_nobody_there_is_not_delivered_and_no_address_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with vendor(OK) as bot:
        pass
    with caplog.at_level(logging.DEBUG, logger="warmstation_server"):
        assert told(bot).kind == "retry"
    assert "SECRET" not in caplog.text


@pytest.mark.parametrize("url", ["wecombot://key", "dingtalk://token", "feishu://token"])
def test_vendors_that_answer_200_to_what_they_refuse_are_left_to_their_own_senders(
    url: str,
) -> None:
    with pytest.raises(BadConfig, match=r"channels.tail: \w+ has a sender of its own here"):
        sender("tail", url, Guard())


def test_a_host_of_our_own_network_is_not_called_unless_it_is_allowed() -> None:
    with vendor(OK) as bot:
        outcome = told(bot, Guard())
        assert bot.asked == []
    assert (outcome.kind, outcome.code) == ("permanent", "address")
    assert "127.0.0.1" in outcome.detail


def test_a_public_name_that_turns_inwards_is_not_called() -> None:
    inwards = Guard(resolver=lambda host, port: ("192.168.1.7",))
    one = sender("tail", "gotifys://push.example.org/token123456789012345", inwards)
    deliveries = [Delivery(1, notice(1), "people", "tail", "zh-CN")]
    batch = Batch(message_key(deliveries), deliveries)
    outcome = one.send(channel("tail", one, flavour="plain").message(batch, TEMPLATES))
    assert (outcome.kind, outcome.code) == ("permanent", "address")


def test_a_token_that_looks_like_an_address_is_none() -> None:
    one = sender("tail", "tgram://2130706433:abcdefg_hijklmnop/1", Guard())
    assert list(_hosts(one._service)) == []


def test_what_would_only_show_on_the_server_itself_is_a_mistake() -> None:
    with pytest.raises(BadConfig, match=r"syslog shows messages on this machine"):
        sender("tail", "syslog://", Guard())


def test_an_address_that_apprise_does_not_know_is_a_mistake_and_not_said() -> None:
    with pytest.raises(BadConfig, match=r"must be an address that Apprise knows") as error:
        sender("tail", "nonsense://SECRET", Guard())
    assert "SECRET" not in str(error.value)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(BadConfig, match=r"install warmstation\[server,apprise\]"):
        sender("tail", "json://127.0.0.1/x", Guard())
