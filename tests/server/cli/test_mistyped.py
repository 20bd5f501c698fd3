"""What was mistyped is said first, not that the configuration is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from warmstation_server.cli import add_to

app = typer.Typer()
add_to(app)

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
]


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


def test_with_sound_arguments_the_missing_configuration_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WARMSTATION_CONFIG", raising=False)
    answer = CliRunner().invoke(app, ["export", "xlsx"])
    assert (answer.exit_code, "server.toml" in answer.stderr) == (1, True)
