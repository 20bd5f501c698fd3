from __future__ import annotations

import hmac
import socket
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import notice
from tests.support.patience import PATIENCE_S
from tests.support.vendors import Vendor, answers, half, vendor
from warmstation_server.notify.errors import NotSent, Refused
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.http import Http
from warmstation_server.notify.outcome import Outcome
from warmstation_server.notify.sender import Message
from warmstation_server.notify.senders.webhook import Webhook

LOOPBACK = ip_network("127.0.0.0/8")
SECRET = "shared"
PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.8",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "::7f00:1",
    "::ffff:0:7f00:1",
    "64:ff9b:1::7f00:1",
    "fec0::1",
]


@pytest.fixture
def server() -> Iterator[Vendor]:
    with vendor(answers(b"", 204)) as found:
        yield found


def webhook(url: str, guard: Guard, secret: str | None = SECRET) -> Webhook:
    return Webhook(url, secret, Http(guard, deadline_s=PATIENCE_S), FakeClock())


def message() -> Message:
    return Message("k1", "t", "text", "plain", "en", True, [notice(1)])


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_ours_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="not a public address"):
        Guard((), lambda _host, _port: [address]).addresses("evil.example", 80)


def test_one_bad_address_refuses_the_name() -> None:
    with pytest.raises(Refused):
        Guard((), lambda _host, _port: ["8.8.8.8", "10.0.0.1"]).addresses("evil.example", 80)


def test_public_and_allowed_addresses_may_be_spoken_to() -> None:
    found = ["8.8.8.8", "2400:3200::1", "127.0.0.1"]
    assert Guard((LOOPBACK,), lambda _host, _port: found).addresses("a", 1) == tuple(found)


def test_a_name_without_address_may_have_one_later() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(NotSent):
        Guard((), resolve).addresses("a.example", 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
def test_no_spelling_of_loopback_is_reached(host: str, server: Vendor) -> None:
    found = webhook(f"http://{host}:{server.port}/", Guard()).send(message())
    assert (found.kind, found.code) == ("permanent", "address")
    assert server.asked == []


def test_a_name_that_changes_its_mind_gains_nothing(server: Vendor) -> None:
    answers_ = iter([["127.0.0.1"], ["169.254.169.254"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers_)

    hook = webhook(f"http://rebind.example:{server.port}/", Guard((LOOPBACK,), rebinding))
    assert hook.send(message()).kind == "delivered"
    assert asked == ["rebind.example"]  # judged once, and connected to what was judged
    assert server.asked[0].headers["host"] == f"rebind.example:{server.port}"
    assert hook.send(message()).code == "address"


def test_an_address_that_never_answers_leaves_time_for_the_next(server: Vendor) -> None:
    guard = Guard((LOOPBACK,), lambda _host, _port: ["127.0.0.2", "127.0.0.1"])
    hook = Webhook(
        f"http://two.example:{server.port}/", None, Http(guard, deadline_s=3.0), FakeClock()
    )
    with (
        socket.create_server(("127.0.0.2", server.port), backlog=0) as full,
        socket.create_connection(full.getsockname()),  # all that it holds: it drops the next
    ):
        assert hook.send(message()).kind == "delivered"


def test_a_redirect_is_not_followed_anywhere(server: Vendor) -> None:
    with vendor() as inner:
        server.then(answers(b"", 307, Location=inner.url))
        found = webhook(server.url, Guard((LOOPBACK,))).send(message())
        assert found == Outcome("permanent", "http-307", "redirects are not followed")
        assert inner.asked == []


def test_the_receiver_can_check_who_said_it_and_drop_repetitions(server: Vendor) -> None:
    assert webhook(server.url, Guard((LOOPBACK,))).send(message()).kind == "delivered"
    [asked] = server.asked
    seconds, _, hexed = asked.headers["warmstation-signature"].partition(",v1=")
    signed = seconds.removeprefix("t=").encode() + b"." + asked.body
    assert hexed == hmac.digest(SECRET.encode(), signed, "sha256").hex()
    assert seconds == f"t={int(FakeClock().now().timestamp())}"
    assert asked.headers["idempotency-key"] == "k1"
    body = asked.json()
    assert (body["key"], body["may_repeat"]) == ("k1", True)
    [told] = body["notices"]
    assert (told["key"], told["station"], told["severity"]) == ("n1", "ks-1", "warning")
    assert told["at"] == "2026-11-21T04:00:00+00:00"


def test_without_a_secret_nothing_is_signed(server: Vendor) -> None:
    webhook(server.url, Guard((LOOPBACK,)), secret=None).send(message())
    assert "warmstation-signature" not in server.asked[0].headers


def test_a_receiver_that_breaks_off_may_have_it(server: Vendor) -> None:
    server.then(half, answers(b"", 500), answers(b"", 410))
    hook = webhook(server.url, Guard((LOOPBACK,)))
    found = [hook.send(message()) for _ in range(3)]
    assert [(one.kind, one.may_have_arrived) for one in found] == [
        ("retry", True),
        ("retry", False),
        ("permanent", False),
    ]
