"""`warmstation notify`: who would be told, whether a channel works, what was told."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.support.migrated import migrated
from tests.support.places import REGIONS, station
from tests.support.vendors import answers, vendor
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.store import Decided
from warmstation_server.cli import add_to
from warmstation_server.config import check
from warmstation_server.registry import Registry

app = typer.Typer()
add_to(app)
run = CliRunner().invoke

ROUTES = """
[channels.chat]
type = "wecom"
url_env = "CHAT_URL"

[[routes]]
recipient = "Wang"
tier = "station"
channels = ["chat"]
quiet = "22:00-07:00"

[[routes]]
recipient = "Songnan"
tier = "community"
channels = ["chat"]

[[routes]]
recipient = "Desk"
tier = "street"
channels = ["chat"]
min_severity = "critical"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "server.toml"
    path.write_text(f'data_dir = "{tmp_path}"\n[notify]\nfile = "notify.toml"\n')
    (tmp_path / "notify.toml").write_text(ROUTES)
    place = station(hours="Mo-Su 09:00-18:00")
    with closing(Registry.open(migrated(tmp_path / "registry.db"))) as registry:
        registry.put(REGIONS, [place])
    return path


def who(config: Path, at: str, *more: str) -> list[dict[str, Any]]:
    words = ("ks-songnan", "heating.no_heat", "--at", at, "--config", str(config), "--json")
    found = run(app, ["notify", "who", *words, *more])
    assert found.exit_code == 0, found.stderr
    lines: list[dict[str, Any]] = json.loads(found.stdout)
    return lines


def test_who_is_told_follows_rules_hours_and_routes(config: Path) -> None:
    day = who(config, "2026-11-23T12:00", "--lasting", "5h")
    assert [(one["kind"], one["at"][11:16], one["recipient"]) for one in day] == [
        ("firing", "04:00", "Wang"),
        ("escalated", "04:30", "Songnan"),
    ]
    night = who(config, "2026-11-23T23:00", "--lasting", "12h")
    assert night[0]["at"] == "2026-11-24T01:00:00.000Z", "it waits for the opening"


def test_planned_work_is_heeded(config: Path) -> None:
    at = datetime(2026, 11, 23, 3, tzinfo=UTC)
    work = Window("w", "songnan", at, at.replace(hour=6))
    with closing(Registry.open(check(config).registry_url)) as registry:
        registry.alerts.commit(Decided(at, windows=(work,)))
    (first, *_) = who(config, "2026-11-23T12:00", "--lasting", "3h")
    assert (first["kind"], first["at"][11:16]) == ("still_firing", "06:00")


def test_what_is_not_there_is_one_sentence(config: Path) -> None:
    for words, said in (
        (("ks-nowhere", "heating.no_heat"), "no station ks-nowhere"),
        (("ks-songnan", "heating.no_heet"), "did you mean heating.no_heat?"),
        (("ks-songnan", "heating.no_heat", "--lasting", "long"), "--lasting must be a duration"),
    ):
        found = run(app, ["notify", "who", *words, "--config", str(config)])
        assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)
        assert said in found.stderr


def test_a_channel_is_tried_with_one_message(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with vendor(answers({"errcode": 0, "errmsg": "ok"})) as bot:
        monkeypatch.setenv("CHAT_URL", bot.url)
        found = run(app, ["notify", "test", "chat", "--config", str(config)])
        assert (found.exit_code, found.stdout.startswith("chat delivered 0")) == (0, True)
        (asked,) = bot.asked
        assert "测试消息" in asked.json()["markdown"]["content"]
        bot.then(answers({"errcode": 93000, "errmsg": "invalid webhook url"}))
        found = run(app, ["notify", "test", "chat", "--config", str(config)])
        assert (found.exit_code, found.stdout.startswith("chat permanent 93000")) == (1, True)
    found = run(app, ["notify", "test", "chart", "--config", str(config)])
    assert "has no channel chart; there are chat" in found.stderr


def test_an_empty_ledger_says_so(config: Path) -> None:
    found = run(app, ["notify", "ledger", "--config", str(config)])
    assert (found.exit_code, found.stdout) == (0, "nobody was told anything yet\n")
