from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S
from warmstation_edge.__main__ import main

AGENT = [sys.executable, "-m", "warmstation_edge", "simulate"]
SMALL = ["--fleet", "xifeng", "--stations", "2", "--broker", "127.0.0.1:1", "--seconds", "30"]

STOPPED_EARLY = """
import os, signal, sys
from warmstation_edge.__main__ import main
from warmstation_edge.simulator import command

made = command.SimulatedStation


def stopped(*given):
    os.kill(os.getpid(), signal.SIGTERM)
    return made(*given)


command.SimulatedStation = stopped
sys.exit(main(["simulate", *sys.argv[1:]]))
"""
"""A fleet that is asked to stop before its first turn."""


def test_the_registry_of_a_fleet_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--fleet", "xifeng", "--print-registry", "--stations", "2"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("[[stations]]") == 2
    assert "SIMULATED" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fleet", "paris"], "there is no fleet 'paris'"),
        (["--fault", "ks-songnan:tired"], "'tired' is none of"),
        (["--fault", "ks-nowhere:smoke"], "no station of this fleet"),
        (["--fault", "ks-songnan:socket_dead=p7"], "there are p1, p2"),
        (["--world-state", "/nowhere.json"], "/nowhere.json: the world's state cannot be read"),
        (["--ledger", "/nowhere/ledger.jsonl"], "/nowhere/ledger.jsonl: cannot be written"),
        (["--data-dir", __file__], f"{__file__}: cannot be written (File exists)"),
    ],
)
def test_what_cannot_be_simulated_is_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *arguments]) == 1
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize("text", ["[]", '{"ks-songnan": {}}'])
def test_another_file_is_no_state_of_the_world(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    assert main(["simulate", "--world-state", str(path)]) == 1
    assert f"{path}: holds no world's state" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--broker", "somewhere"], "is not HOST:PORT"), (["--stations", "0"], "must be 1 or more")],
)
def test_wrong_usage_is_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_without_a_broker_every_report_is_measured_and_waits(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    process = subprocess.Popen(
        [*AGENT, *SMALL, "--ledger", str(ledger), "--data-dir", str(tmp_path / "outboxes")],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "turning" not in process.stderr.readline():
        assert process.poll() is None
    os.kill(process.pid, signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    measured = {line["station"] for line in lines if line["event"] == "measured"}
    waiting = {line["station"] for line in lines if line["event"] == "waiting"}
    assert measured == waiting == {"xf-beidajie", "xf-yucailu"}
    assert (tmp_path / "outboxes" / "xf-beidajie.db").exists()


def test_a_fleet_that_is_stopped_before_its_first_turn_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STOPPED_EARLY, *SMALL]
    ended = subprocess.run(command, env=os.environ | {"TMPDIR": str(tmp_path)}, check=False)
    assert ended.returncode == 0
    assert not list(tmp_path.iterdir())
