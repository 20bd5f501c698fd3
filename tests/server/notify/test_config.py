from __future__ import annotations

import copy
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocks import FakeClock
from tests.support.notices import SHANGHAI
from warmstation_server.errors import BadConfig
from warmstation_server.notify.assembly import channels, router
from warmstation_server.notify.config import check, parse

KEY = "11112222-SECRET"
URL = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
WHOLE = """
group_wait_s = 10

[channels.songnan]
type = "wecom"
url_env = "SONGNAN_URL"
fallback = "mail"

[channels.ding]
type = "dingtalk"
url_file = "ding-url"
secret_file = "ding-secret"
per_minute = 10
format = "plain"

[channels.hook]
type = "webhook"
url_env = "HOOK_URL"
secret_env = "HOOK_SECRET"
allow = ["10.1.0.0/16"]

[channels.mail]
type = "smtp"
host = "smtp.example"
sender = "warm@city.example"
to = ["a@city.example"]
username = "warm"
password_env = "MAIL_PASSWORD"

[[routes]]
recipient = "淞南社区"
region = "songnan"
tier = "community"
channels = ["songnan"]
quiet = "22:00-07:00"

[[routes]]
recipient = "City"
tier = "city"
min_severity = "urgent"
language = "en"
channels = ["ding", "mail"]

[operator]
channels = ["mail"]
"""
ENVIRONMENT = {
    "SONGNAN_URL": URL,
    "HOOK_URL": "http://10.1.2.3/alerts",
    "HOOK_SECRET": "hook-secret",
    "MAIL_PASSWORD": "mail-secret",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "ding-url").write_text("https://oapi.dingtalk.com/robot/send?access_token=t\n")
    (tmp_path / "ding-secret").write_text("SEC1\n")
    found = tmp_path / "notify.toml"
    found.write_text(WHOLE)
    return found


def test_a_whole_file_becomes_channels_and_routes(path: Path) -> None:
    config = check(path)
    found = channels(config, path.parent, ENVIRONMENT, FakeClock())
    assert {name: one.limit.per_minute for name, one in found.items()} == {
        "songnan": 20,
        "ding": 10,
        "hook": 120,
        "mail": 60,
    }
    assert (found["songnan"].fallback, found["songnan"].max_bytes) == ("mail", 2_048)
    assert (found["songnan"].flavour, found["ding"].flavour) == ("markdown", "plain")
    routes = router(config, (), {}, SHANGHAI).routes
    assert [one.tier for one in routes] == ["community", "city", "operator"]


def whole() -> dict[str, Any]:
    import tomllib

    return copy.deepcopy(tomllib.loads(WHOLE))


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (
            "channels.songnan.type",
            "weixin",
            "type must be wecom, dingtalk, feishu, webhook, smtp or apprise",
        ),
        ("channels.songnan.url", URL, "channels.songnan.url: is not a key of this table"),
        ("channels.songnan.url_file", "x", "one of url_file and url_env must be given"),
        ("channels.songnan.secret_env", "x", "a wecom bot has no secret but its address"),
        ("channels.songnan.per_minute", 1, "channels.songnan.per_minute: should be greater"),
        ("channels.songnan.fallback", "post", "channel songnan names channel post; there are only"),
        ("channels.mail.fallback", "songnan", "the fallbacks of channel songnan lead in a circle"),
        ("channels.mail.security", "none", "a password needs security starttls or tls"),
        ("channels.mail.to", [], "channels.mail.to"),
        ("channels.mail.password_file", "x", "only one of password_file and password_env"),
        ("channels.hook.allow", ["10.1.0.1/16"], "channels.hook.allow.0"),
        ("routes.0.quiet", "22-25", "routes.0.quiet: must be two times of day"),
        ("routes.0.quiet", "22:00-22:00", "must be two different times of day"),
        ("routes.0.channels", ["nowhere"], "route 1 names channel nowhere"),
        ("routes.0.tier", "grid", "routes.0.tier"),
        ("routes.0.min_severity", "fatal", "routes.0.min_severity"),
        ("operator.channels", ["nowhere"], "operator names channel nowhere"),
    ],
)
def test_a_mistake_is_one_sentence_without_a_secret(where: str, value: object, said: str) -> None:
    table: Any = whole()
    *way, last = where.split(".")
    target = table
    for step in way:
        target = target[int(step)] if step.isdecimal() else target[step]
    target[last] = value
    with pytest.raises(BadConfig) as error:
        parse(table, "notify.toml")
    assert str(error.value).startswith("notify.toml: ")
    assert said in str(error.value)
    assert KEY not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SONGNAN_URL", "", "channels.songnan.url_env: the environment has no SONGNAN_URL"),
        ("SONGNAN_URL", URL.replace("https", "http"), "channels.songnan: its url must be an https"),
        ("SONGNAN_URL", f"https://u:p@x/?key={KEY}", "channels.songnan: its url must be"),
        ("SONGNAN_URL", f"https://x:99999/?key={KEY}", "channels.songnan: its url must be"),
        ("HOOK_URL", f"file:///etc/{KEY}", "channels.hook: its url must be an https or http"),
        ("MAIL_PASSWORD", " ", "channels.mail.password_env: the environment has no MAIL_PASSWORD"),
    ],
)
def test_a_bad_secret_is_named_and_not_said(name: str, value: str, said: str, path: Path) -> None:
    with pytest.raises(BadConfig) as error:
        channels(check(path), path.parent, ENVIRONMENT | {name: value}, FakeClock())
    assert said in str(error.value)
    assert KEY not in str(error.value)


def test_a_secret_file_must_hold_one_line(path: Path) -> None:
    (path.parent / "ding-secret").write_text("one\nSECRET-TWO\n")
    with pytest.raises(BadConfig, match="must hold one line") as error:
        channels(check(path), path.parent, ENVIRONMENT, FakeClock())
    assert "SECRET-TWO" not in str(error.value)
    (path.parent / "ding-secret").unlink()
    with pytest.raises(BadConfig, match=r"channels.ding.secret_file: .* must be a readable"):
        channels(check(path), path.parent, ENVIRONMENT, FakeClock())


def test_a_file_that_is_no_toml_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read"):
        check(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[channels")
    with pytest.raises(BadConfig, match="is not TOML"):
        check(tmp_path / "bad.toml")


def test_no_secret_is_in_what_a_channel_says_of_itself(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    found = channels(check(path), path.parent, ENVIRONMENT, FakeClock())
    shown = repr(found) + caplog.text
    for secret in (KEY, "SEC1", "hook-secret", "mail-secret"):
        assert secret not in shown
