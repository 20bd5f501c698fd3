"""What was mistyped is said first, not that the configuration is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from warmstation_server.cli import add_to

app = typer.Typer()
add_to(app)

PLACE = ["--district", "kunshan", "--region", "ks-qiandeng", "--name", "我的驿站", "--lat", "31.26"]
PLACE += ["--lon", "121.0", "--hours", "24/7", "--capacity", "12"]
MISTYPED = [
    (["export", "docx"], "docx is no kind of export"),
    (["export", "xlsx", "--language", "fr"], "fr is no language here"),
    (["export", "xlsx", "--period", "last_moth"], "--period as 7d"),
    (["export", "csv", "--from", "2026-11-30", "--to", "2026-11-01"], "dates in order"),
    (["usage", "--from", "yesterday", "--to", "today"], "dates in order"),
    (
        ["export", "xlsx", "--out", "no-such-directory/november.xlsx"],
        "must be a file in a directory",
    ),
    (["station", "import", "no-such.csv"], "no-such.csv"),
    (["restore", "no-such.tar"], "no-such.tar: cannot be read"),
    (["station", "add", "BAD_ID", *PLACE], "station BAD_ID: id must be 2 to 63 of a-z"),
    (["station", "add", "ks-new", *PLACE, "--set", "seats=5"], "--set 'seats=5': must be"),
    (
        ["station", "add", "ks-new", *PLACE, "--lat", "310", "--lon", "nan", "--capacity", "-1",
         "--hours", "soon"],
        "capacity should be greater than or equal to 1",
    ),
    (["user", "add", "li", "--role", "admin", "--scope", "*", "--language", "fr"], "fr is no"),
    (["station", "list", "--registry", "no-such/registry.db"], "no-such/registry.db: there is no"),
    (["user", "add", "li", "--role", "admin", "--scope", "city:x"], "must be *, region:ID"),
    (["broker", "config", "a host", "--out", "here"], "'a host' is no name of a machine"),
    (["install", "h;rm -rf", "--root", "."], "'h;rm -rf' is no name of a machine"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), MISTYPED)
def test_a_mistyped_argument_is_named_first(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WARMSTATION_CONFIG", raising=False)
    answer = CliRunner().invoke(app, words)
    assert answer.exit_code == 1
    assert said in answer.stderr
    assert "server.toml" not in answer.stderr
    assert not list(tmp_path.iterdir())


def test_with_sound_arguments_the_missing_configuration_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WARMSTATION_CONFIG", raising=False)
    answer = CliRunner().invoke(app, ["export", "xlsx"])
    assert (answer.exit_code, "server.toml" in answer.stderr) == (1, True)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deployment without a station; its server.toml."""
    monkeypatch.delenv("WARMSTATION_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "server.toml"
    file.write_text('data_dir = "data"\n')
    return file


WITHOUT_STATIONS = [
    (["usage"], "no station is registered yet"),
    (["export", "csv"], "no station is registered yet"),
    (["station", "commissionings", "ks-nowhere"], "no station has the id 'ks-nowhere'"),
    (["station", "add", "ks-new", *PLACE], "region names no region that is registered"),
    (["user", "add", "li", "--role", "admin", "--scope", "*"], "--generate or --password-stdin"),
]


@pytest.mark.parametrize(("words", "said"), WITHOUT_STATIONS)
def test_what_is_not_there_is_said(words: list[str], said: str, empty: Path) -> None:
    answer = CliRunner().invoke(app, words)
    assert (answer.exit_code, len(answer.stderr.splitlines())) == (1, 1)
    assert said in answer.stderr


@pytest.mark.parametrize("name", ["server.toml", "places.toml", "counts.csv", "rules.yaml"])
def test_a_file_that_is_no_text_is_said_to_be_none(name: str, empty: Path) -> None:
    (empty.parent / name).write_bytes(b"\xff\xfe\x00")
    words = {
        "server.toml": ["check-config"],
        "places.toml": ["station", "import", name],
        "counts.csv": ["import-counts", name, "--station", "ks-a"],
        "rules.yaml": ["rules", "test", name],
    }
    answer = CliRunner().invoke(app, words[name])
    assert answer.exit_code == 1
    assert answer.stderr.startswith(name)
    assert answer.stderr.endswith("it is not UTF-8\n")
