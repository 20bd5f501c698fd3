"""`warmstation status`: one look at a server that works, is not well, or is not there."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from tests.support.ports import free_port
from tests.support.web import served, web
from warmstation.commands import app
from warmstation_server import claim
from warmstation_server.config import Config, parse
from warmstation_server.enrolment.authority import Authority, pem
from warmstation_server.metrics import Metrics
from warmstation_server.standing.answer import Answer, read
from warmstation_server.standing.sights import Sight, lasting, seen, size

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
WELL = {
    "broker_connected": 1.0,
    "queue_messages": 12.0,
    "picture_age_seconds": 0.4,
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "data").mkdir()
    return parse({"data_dir": "data"}, "server.toml", tmp_path)


def answer(unready: str | None = None, **figures: float) -> Answer:
    """What a server with a hundred stations says, with these figures instead."""
    metrics = Metrics()
    metrics.count("stored", 1200)
    metrics.stations(["live"] * 97 + ["offline"] * 2 + ["never"])
    metrics.alerts({"firing": 2, "acknowledged": 0})
    metrics.history_away(away=bool(figures.pop("history_away", 0)))
    ages = {"kunshan": figures.pop("kunshan", 3.0), "xifeng": 5.0}
    metrics.watch_each("board_age_seconds", "By district.", "district", lambda: ages)
    for name, value in (WELL | figures).items():
        metrics.watch(name, "As the server's parts say.", value.__float__)
    return Answer(unready, read(metrics.render().decode()))


def by_name(config: Config, found: Answer | None) -> dict[str, Sight]:
    return {sight.name: sight for sight in reversed(seen(config, found, NOW))}


def wrong(config: Config, found: Answer | None) -> set[str]:
    return {sight.name for sight in seen(config, found, NOW) if sight.is_good is False}


def test_a_server_that_is_well_is_told_part_by_part(config: Config) -> None:
    found = answer()
    assert wrong(config, found) == set()
    said = {name: sight.said for name, sight in by_name(config, found).items()}
    assert said["server"].startswith("ready, version ")
    assert said["broker"] == "127.0.0.1:1883, connected"
    assert said["queue"] == "12 of 20,000 messages wait"
    assert said["messages"] == "1,200 stored"
    assert said["stations"] == "97 live, 2 offline, 1 never"
    assert said["district"] == "xifeng, heard 5 s ago"
    assert said["alerts"] == "2 firing"
    assert said["notices"].startswith("nobody is told")
    assert "are free for" in said["disk"]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("server", {"unready": "the broker is away"}),
        ("broker", {"broker_connected": 0.0}),
        ("history", {"history_away": 1.0}),
        ("queue", {"queue_messages": 15_000.0}),
        ("district", {"kunshan": 901.0}),
        ("picture", {"picture_age_seconds": 16.0}),
    ],
)
def test_what_is_wrong_is_said_of_that_part_alone(
    config: Config, part: str, told: dict[str, Any]
) -> None:
    assert wrong(config, answer(**told)) == {part}


def test_many_silent_stations_and_a_dead_notice_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    table = {"data_dir": "data", "notify": {"file": "notify.toml"}}
    metrics = Metrics()
    metrics.stations(["live"] * 79 + ["offline"] * 21)
    metrics.notifications("dead", 1)
    found = Answer(None, read(metrics.render().decode()))
    here = wrong(parse(table, "server.toml", tmp_path), found)
    assert {"stations", "notices"} <= here


def test_what_is_not_told_is_unknown_and_no_nought(config: Config) -> None:
    said = by_name(config, Answer(None, {}))
    assert said["queue"].said == "? of 20,000 messages wait"
    assert (said["queue"].is_good, said["picture"].said) == (None, "?")


def test_without_a_server_the_broker_is_knocked_at(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as broker:
        table = {"data_dir": "data", "broker": {"port": broker.getsockname()[1]}}
        there = by_name(parse(table, "server.toml", tmp_path), None)
    assert there["server"].said.startswith("none is at work on")
    assert there["broker"].is_good
    away = by_name(parse(table, "server.toml", tmp_path), None)
    assert away["broker"].is_good is False


def test_a_server_that_does_not_answer_is_told_from_one_that_is_off(config: Config) -> None:
    with claim.data_dir(config.data_dir):
        assert "at work, but silent" in by_name(config, None)["server"].said


@pytest.mark.parametrize(("days", "is_good"), [(31, True), (29, False), (-1, False)])
def test_a_certificate_that_is_over_soon_is_wrong(tmp_path: Path, days: int, is_good: bool) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    made = Authority.new(NOW).station("_server", key, NOW, timedelta(days=days))
    (tmp_path / "server.pem").write_text(pem(made))
    assert by_name(_with_certificate(tmp_path), answer())["certificate"].is_good is is_good


def test_a_certificate_that_is_none_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_text("no certificate")
    assert wrong(_with_certificate(tmp_path), answer()) == {"certificate"}


def _with_certificate(folder: Path) -> Config:
    (folder / "data").mkdir()
    broker = {"ca_file": "server.pem", "cert_file": "server.pem", "key_file": "server.pem"}
    return parse({"data_dir": "data", "broker": broker}, "server.toml", folder)


def test_the_command_asks_the_running_server(tmp_path: Path) -> None:
    port = free_port()
    toml = tmp_path / "server.toml"
    toml.write_text(f'data_dir = "{tmp_path}"\n[http]\nhost = "0.0.0.0"\nport = {port}\n')
    site = web()
    with served(site.app, port):
        site.not_ready.append("the history is away")
        told = CliRunner().invoke(app, ["status", "--json", "--config", str(toml)])
    parts = {one["part"]: one for one in json.loads(told.stdout)}
    assert parts["server"] == {
        "part": "server",
        "said": "not ready: the history is away",
        "is_good": False,
    }
    assert told.exit_code == 1


def test_the_command_says_what_is_wrong_where_nothing_runs(tmp_path: Path) -> None:
    toml = tmp_path / "server.toml"
    toml.write_text(f'data_dir = "{tmp_path}"\n[http]\nport = {free_port()}\n')
    told = CliRunner().invoke(app, ["status", "--config", str(toml)])
    assert told.exit_code == 1
    first = " ".join(told.stdout.split())
    assert first.startswith(f"wrong server none is at work on {tmp_path}")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (61, "1 min 1 s"), (7200, "2 h"), (90_000, "1 d 1 h")]
)
def test_a_duration_has_its_two_largest_units(seconds: float, said: str) -> None:
    assert lasting(seconds) == said


def test_a_size_has_three_digits() -> None:
    said = [size(count) for count in (0, 12, 999_999, 1.234e9, 5e13)]
    assert said == ["0 bytes", "12 bytes", "1 MB", "1.23 GB", "50 TB"]
