"""What server.toml names is looked at before a start: files, rules, channels, services."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.influx_fake import fake_influx
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from warmstation.commands import app
from warmstation_server import claim, precheck
from warmstation_server.config import Config, parse
from warmstation_server.registry import Registry
from warmstation_server.withheld import secrets

NOTIFY = """\
[channels.post]
type = "smtp"
host = "mail.example"
sender = "a@example.org"
to = ["b@example.org"]
[channels.bot]
type = "webhook"
url_env = "BOT"
[[routes]]
tier = "district"
recipient = "office"
channels = ["post"]
"""


def config(tmp_path: Path, **tables: Any) -> Config:
    return parse({"data_dir": "data", **tables}, "server.toml", tmp_path)


def test_a_good_configuration_has_no_faults(tmp_path: Path) -> None:
    (tmp_path / "notify.toml").write_text(NOTIFY)
    found = config(tmp_path, notify={"file": "notify.toml"}, exports={"mail_channel": "post"})
    assert precheck.faults(found, {"BOT": "https://bot.example/hook"}) == []
    assert not found.data_dir.exists()


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        (
            {"broker": {"username": "u", "password_file": "none"}},
            "broker.password_file: {}/none must be a file that can be read",
        ),
        ({"broker": {"ca_file": "none"}}, "broker.ca_file: {}/none must be a file"),
        ({"broker": {"ca_file": "file"}}, "broker: ca_file, cert_file and key_file must be"),
        ({"history": {"url": "https://i", "ca_file": "none"}}, "history.ca_file: {}/none must be"),
        (
            {"history": {"url": "https://i", "ca_file": "file"}},
            "history.ca_file: {}/file must be a file of certificates",
        ),
        ({"alerts": {"rules": "file"}}, "alerts.rules: {}/file"),
        ({"notify": {"file": "file"}}, "notify.file: {}/file: channels"),
        ({"notify": {"file": "notify.toml"}}, "notify.file: channels.bot.url_env: the environment"),
        ({"exports": {"mail_channel": "post"}}, "notify.file: must be given"),
        ({"data_dir": "file"}, "data_dir: {}/file must be a directory"),
        ({"feed": {"directory": "file/feed"}}, "feed.directory: {}/file/feed must be"),
    ],
)
def test_a_fault_names_its_key_and_what_it_must_be(
    tmp_path: Path, tables: dict[str, Any], sentence: str
) -> None:
    (tmp_path / "file").write_text("[[rules]]\nname = 3\n")
    (tmp_path / "notify.toml").write_text(NOTIFY)
    said = precheck.faults(config(tmp_path, **tables), {})
    assert len(said) == 1, said
    assert said[0].startswith(sentence.format(tmp_path))


def test_every_secret_that_is_held_or_named_is_known(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("kälte\n")
    (tmp_path / "notify.toml").write_text(NOTIFY)
    found = config(
        tmp_path,
        broker={"username": "u", "password_file": "password"},
        registry={"url": "postgresql://u:s%40cret@db/w"},
        notify={"file": "notify.toml"},
    )
    said = secrets(found, {"BOT": "https://bot.example/hook"})
    assert said == {"kälte", "s@cret", "https://bot.example/hook"}


@pytest.mark.broker
def test_broker_and_registry_are_tried_and_nothing_is_made(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        there = config(tmp_path, broker={"port": broker.port})
        assert precheck.away(there) == []
        assert not there.data_dir.exists()
        with claim.data_dir(there.data_dir):
            assert precheck.away(there) == [], "a server at work is left alone"
    gone = config(
        tmp_path, broker={"port": free_port()}, registry={"url": f"sqlite:///{tmp_path}/file"}
    )
    (tmp_path / "file").write_bytes(b"no registry" * 1000)
    broker_said, registry_said = precheck.away(gone)
    assert broker_said.startswith("broker 127.0.0.1:")
    assert "Connection refused" in broker_said
    assert registry_said.startswith(f"registry.url: {tmp_path}/file is not a registry")


def in_influx(tmp_path: Path, url: str) -> Config:
    token = tmp_path / "token"
    token.write_text("a-token\n")
    table = {"storage": "influx", "url": url, "org": "warm", "token_file": str(token)}
    return config(tmp_path, broker={"port": free_port()}, history=table)


def test_a_history_of_its_own_server_is_tried_too(tmp_path: Path) -> None:
    with fake_influx() as server:
        said = precheck.away(in_influx(tmp_path, server.place.url))
        assert [one.split()[0] for one in said] == ["broker"]
        assert server.questions == 2
    _, said_of_history = precheck.away(in_influx(tmp_path, f"http://127.0.0.1:{free_port()}"))
    assert said_of_history.startswith("history: The history at http://127.0.0.1:")
    assert "cannot be reached" in said_of_history


def test_the_command_prints_the_configuration_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "server.toml"
    file.write_text(
        'data_dir = "data"\n[broker]\nusername = "u"\n'
        '[registry]\nurl = "postgresql+psycopg://u:s3cret@127.0.0.1/w"\n'
    )
    monkeypatch.setenv("WARMSTATION_BROKER__PASSWORD", "kälte")
    done = CliRunner().invoke(app, ["check-config", "--config", str(file), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["broker"]["username"] == "u"
    assert "s3cret" not in done.output
    assert "kälte" not in done.output


def test_the_command_names_file_and_key_of_every_fault(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text('data_dir = "data"\n[alerts]\nrules = "r"\n[notify]\nfile = "n"\n')
    done = CliRunner().invoke(app, ["check-config", "--config", str(file)])
    assert done.exit_code == 1
    lines = done.stderr.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        [str(file), "alerts.rules"],
        [str(file), "notify.file"],
    ]


def test_a_registry_of_this_version_answers(tmp_path: Path) -> None:
    found = config(tmp_path, broker={"port": free_port()})
    found.data_dir.mkdir()
    with closing(Registry.open(found.registry_url)):
        pass
    assert len(precheck.away(found)) == 1, "only the broker is away"
