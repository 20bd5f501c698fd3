"""The command itself: its version, what it writes to, and recordings nobody takes."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from warmstation.commands import app
from warmstation.errors import BadRecording
from warmstation.replay.columns import Column
from warmstation.replay.player import Tempo
from warmstation.replay.playing import play, profile_of
from warmstation.replay.recording import Recording

FULL = Path("/dev/full")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_command_tells_its_version() -> None:
    told = CliRunner().invoke(app, ["--version"])
    assert (told.exit_code, told.output) == (0, f"warmstation {version('warmstation')}\n")


@pytest.mark.parametrize("words", [["-h"], ["station", "-h"], ["user", "add", "-h"]])
def test_the_short_word_for_help_is_known(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 0


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "server.toml").write_text('data_dir = "data"\n')
    with FULL.open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "warmstation", "check-config"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=tmp_path,
            env=os.environ | {"WARMSTATION_CONFIG": "server.toml"},
        )
    assert (ended.returncode, ended.stderr) == (1, "standard output: No space left on device\n")


def test_a_recording_that_no_broker_takes_is_not_said_to_be_played(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("t\n20\n21\n")
    step = timedelta(seconds=1)
    columns = [Column.parse("room_c=t")]
    rows = Recording(file, columns, None, None, step, NOON, UTC, {}, "replay")
    profile = profile_of("ks-a", "kunshan", "127.0.0.1:1", None, tmp_path)
    ended = play(rows, Tempo(None, "now"), profile, patience_s=0.1)
    assert (ended.played, ended.receipted, ended.is_whole) == (0, 0, False)


@pytest.mark.parametrize(
    ("station", "broker", "said"),
    [("A Station", "127.0.0.1:1883", "--station 'A Station'"), ("ks-a", "h:99999", "--broker: ")],
)
def test_a_mistyped_option_of_a_replay_is_named(
    station: str, broker: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(BadRecording, match=said):
        profile_of(station, "kunshan", broker, None, tmp_path)
