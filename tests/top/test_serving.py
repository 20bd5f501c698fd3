"""A server that loads first and is told later what to serve."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT = "import sys; sys.modules['uvicorn'] = None; from warmstation.serving import main; main()"
LATER = {
    "loading": [sys.executable, "-m", "warmstation.serving"],
    "incomplete": [sys.executable, "-c", WITHOUT],
}
ENDS_WITHIN_S = 120.0


@pytest.mark.parametrize("server", LATER)
def test_who_is_never_told_says_nothing(server: str) -> None:
    ended = subprocess.run(
        LATER[server], input=b"", capture_output=True, timeout=ENDS_WITHIN_S, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


@pytest.mark.parametrize(("server", "because"), [("loading", "port"), ("incomplete", "uvicorn")])
def test_what_is_wrong_is_one_sentence_in_the_log(
    server: str, because: str, tmp_path: Path
) -> None:
    config, log = tmp_path / "server.toml", tmp_path / "server.log"
    config.write_text("[http]\nport = 'none'\n", "utf-8")
    told = json.dumps({"config": str(config), "log": str(log)}) + "\n"
    ended = subprocess.run(
        LATER[server], input=told.encode(), capture_output=True, timeout=ENDS_WITHIN_S, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, b"", b"")
    said = log.read_text("utf-8")
    assert because in said
    assert len(said.splitlines()) == 1
