from __future__ import annotations

import email.policy
import socket
import ssl
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import notice
from tests.support.patience import PATIENCE_S
from tests.support.smtp import Post, post_office
from warmstation_server.notify.outcome import Outcome
from warmstation_server.notify.sender import Message
from warmstation_server.notify.senders.smtp import Mailbox, SmtpSender


def sender(post: Post, *to: str, **changes: Any) -> SmtpSender:
    facts: dict[str, Any] = {"security": "none"} | changes
    tls = facts.pop("tls", None)
    deadline_s = facts.pop("deadline_s", PATIENCE_S)
    recipients = to or ("a@x.example",)
    box = Mailbox("localhost", post.port, sender="w@warm.example", to=recipients, **facts)
    return SmtpSender(box, FakeClock(), tls, timeout_s=PATIENCE_S, deadline_s=deadline_s)


def message() -> Message:
    text = "有电但出风口不热\n.\n第二行"
    return Message("k1", "【警告】淞南", text, "plain", "zh-CN", False, [notice(1)])


def test_a_mail_arrives_whole_with_the_key_as_its_id() -> None:
    with post_office() as post:
        assert sender(post, "a@x.example", "b@x.example").send(message()).kind == "delivered"
    mail = message_from_bytes(post.mails[0], policy=email.policy.default)
    assert mail["Message-ID"] == "<k1@warm.example>"
    assert mail["Subject"] == "【警告】淞南"
    assert mail["To"] == "a@x.example, b@x.example"
    assert mail.get_content().splitlines() == ["有电但出风口不热", ".", "第二行"]
    assert b"\n" not in post.mails[0].replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("say", "kind", "code", "may_have_arrived"),
    [
        ({"CONNECT": "421 too busy"}, "retry", "421", False),
        ({"CONNECT": "554 go away"}, "permanent", "554", False),
        ({"CONNECT": ""}, "retry", "unreachable", False),
        ({"CONNECT": "HTTP/1.1 400 Bad Request"}, "retry", "unreachable", False),
        ({"CONNECT": "220 " + "x" * 100_000}, "retry", "unreachable", False),
        ({"CONNECT": "220-on and on\r\n" * 100_000}, "retry", "unreachable", False),
        ({"MAIL": "what?"}, "retry", "unreachable", False),
        ({"a@x.example": "what?"}, "retry", "unreachable", False),
        ({"DATA.": "what?"}, "retry", "unanswered", True),
        ({"DATA.": "354 go on"}, "retry", "354", False),
        ({"MAIL": "451 later"}, "retry", "451", False),
        ({"MAIL": "550 not from you"}, "permanent", "550", False),
        ({"MAIL": ""}, "retry", "unreachable", False),
        ({"a@x.example": "550 no such user"}, "permanent", "550", False),
        ({"a@x.example": "450 mailbox busy"}, "retry", "450", False),
        ({"DATA": "452 disk full"}, "retry", "452", False),
        ({"DATA.": "554 spam"}, "permanent", "554", False),
        ({"DATA.": "451 later"}, "retry", "451", False),
        ({"DATA.": ""}, "retry", "unanswered", True),
    ],
)
def test_what_a_server_may_do(
    say: Mapping[str, str], kind: str, code: str, may_have_arrived: bool
) -> None:
    with post_office(say=say) as post:
        found = sender(post).send(message())
    assert (found.kind, found.code, found.may_have_arrived) == (kind, code, may_have_arrived)


def test_some_recipients_refused_is_delivered_and_said() -> None:
    with post_office(say={"b@x.example": "550 no such user"}) as post:
        found = sender(post, "a@x.example", "b@x.example").send(message())
    assert found == Outcome("delivered", "250", "refused: b@x.example: 550 no such user")


def test_an_address_beyond_ascii_is_refused_alone() -> None:
    with post_office() as post:
        found = sender(post, "王@x.example", "b@x.example").send(message())
        assert (found.kind, found.detail) == (
            "delivered",
            "refused: 王@x.example: 553 is not an ASCII address",
        )
        assert sender(post, "王@x.example").send(message()).code == "553"
    assert message_from_bytes(post.mails[0])["To"] == "b@x.example"


def test_a_title_cannot_add_a_header() -> None:
    with post_office() as post:
        title = "one\r\nBcc: evil@x.example"
        assert sender(post).send(replace(message(), title=title)).kind == "delivered"
    mail = message_from_bytes(post.mails[0], policy=email.policy.default)
    assert (mail["Subject"], mail["Bcc"]) == ("one Bcc: evil@x.example", None)


@pytest.mark.parametrize("drips", ["CONNECT", "EHLO", "MAIL", "DATA."])
def test_a_server_that_drips_holds_nobody_for_good(drips: str) -> None:
    with post_office(drips=drips) as post:
        for deadline_s in (0.1, 0.5, 5.0):
            soon = sender(post, deadline_s=deadline_s).send(message())
            if soon.code == "unanswered" or drips != "DATA.":  # a busy machine may be late
                break
    assert soon.kind == "retry"
    assert soon.detail == "it took too long"
    assert soon.may_have_arrived == (drips == "DATA.")


def test_a_password_that_no_server_can_hear_is_permanent(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, client = certificates
    with post_office(tls=server, login=("w", "right")) as post:
        box = sender(post, username="w", password="密码", tls=client, security="starttls")
        found = box.send(message())
    assert (found.kind, found.code) == ("permanent", "smtp")


def test_where_one_of_all_refusals_may_pass_it_is_tried_again() -> None:
    say = {"a@x.example": "550 no such user", "b@x.example": "450 busy"}
    with post_office(say=say) as post:
        assert sender(post, "a@x.example", "b@x.example").send(message()).kind == "retry"


def test_nobody_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert sender(Post(port)).send(message()).code == "unreachable"


def test_a_password_goes_over_tls_only(certificates: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = certificates
    login = {"username": "w", "password": "right", "tls": client, "security": "starttls"}
    with post_office(tls=server, login=("w", "right")) as post:
        assert sender(post, **login).send(message()).kind == "delivered"
        assert post.was_tls
    with post_office(login=("w", "right")) as plain:
        found = sender(plain, **login).send(message())
        assert (found.kind, found.code) == ("permanent", "smtp")
        assert not any(line.startswith("AUTH") for line in plain.commands)


def test_a_wrong_password_is_permanent_and_not_said(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, client = certificates
    with post_office(tls=server, login=("w", "right")) as post:
        box = sender(post, username="w", password="wrong-one", tls=client, security="starttls")
        found = box.send(message())
    assert (found.kind, found.code) == ("permanent", "535")
    assert "wrong-one" not in found.detail


def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext], tmp_path: Path
) -> None:
    with post_office(tls=certificates[0]) as post:
        found = sender(post, security="starttls").send(message())
    assert (found.kind, found.may_have_arrived) == ("retry", False)
    assert post.mails == []
