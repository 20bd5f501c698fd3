from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from warmstation_server.cli import add_to
from warmstation_server.config import check
from warmstation_server.dead_letters import DeadLetter, DeadLetters


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "server.toml"
    path.write_text('data_dir = "data"\n', encoding="utf-8")
    return path


def run(*words: str | Path) -> Result:
    app = typer.Typer()
    add_to(app)
    return CliRunner().invoke(app, [str(word) for word in words])


def keep(config: Path, *payloads: bytes) -> None:
    path = check(config).dead_letters_path
    path.parent.mkdir()
    with closing(DeadLetters.open(path)) as letters:
        letters.add(
            [
                DeadLetter(
                    datetime(2026, 11, 21, 4, n, tzinfo=UTC),
                    f"warmstation/v1/d1/s{n}/report",
                    "not_json",
                    "no object",
                    payload,
                    len(payload),
                )
                for n, payload in enumerate(payloads)
            ]
        )


def test_the_newest_are_shown_with_their_reasons(config: Path) -> None:
    keep(config, b"first", b"second \x1b[2J \xff", b"third")
    result = run("dead-letters", "--config", config, "--limit", "2")
    assert result.exit_code == 0
    assert "first" not in result.stdout
    assert result.stdout.index("third") < result.stdout.index("second")
    assert "\x1b[2J" not in result.stdout
    assert "refused so far: not_json 3" in result.stdout


def test_programs_get_json(config: Path) -> None:
    keep(config, b"{")
    found = json.loads(run("dead-letters", "--config", config, "--json").stdout)
    assert found["counts"] == {"not_json": 1}
    assert found["letters"] == [
        {
            "at": "2026-11-21T04:00:00.000Z",
            "topic": "warmstation/v1/d1/s0/report",
            "reason": "not_json",
            "detail": "no object",
            "size": 1,
            "payload": "{",
        }
    ]


def test_looking_before_the_server_ever_ran_makes_no_files(config: Path) -> None:
    result = run("dead-letters", "--config", config)
    assert (result.exit_code, result.stdout) == (0, "nothing was refused\n")
    assert not check(config).data_dir.exists()


def test_a_file_that_is_not_ours_is_one_sentence(config: Path) -> None:
    path = check(config).dead_letters_path
    path.parent.mkdir()
    path.write_bytes(b"something else" * 100)
    result = run("dead-letters", "--config", config)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1


def test_a_good_configuration_is_said_to_be_good(config: Path) -> None:
    result = run("check-config", "--config", config)
    assert (result.exit_code, result.stdout) == (0, f"{config} is good\n")
    found = json.loads(run("check-config", "--config", config, "--json").stdout)
    assert found["http"]["port"] == 8000


def test_a_bad_configuration_names_the_key(config: Path) -> None:
    config.write_text('data_dir = "data"\n[http]\nport = 70000\n', encoding="utf-8")
    result = run("check-config", "--config", config)
    assert result.exit_code == 1
    assert "http.port" in result.stderr
    assert result.stderr.count("\n") == 1
