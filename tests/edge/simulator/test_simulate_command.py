from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

AGENT = [sys.executable, "-m", "warmstation_edge", "simulate"]
SMALL = ["--fleet", "xifeng", "--stations", "2", "--broker", "127.0.0.1:1", "--seconds", "30"]


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*AGENT, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_registry_of_a_fleet_is_printed() -> None:
    done = simulate("--fleet", "xifeng", "--print-registry", "--stations", "2")
    assert done.returncode == 0
    assert done.stdout.count("[[stations]]") == 2
    assert "SIMULATED" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--fleet", "paris"], 1, "there is no fleet 'paris'"),
        (["--fault", "ks-songnan:tired"], 1, "'tired' is none of"),
        (["--fault", "ks-nowhere:smoke"], 1, "no station of this fleet"),
        (["--broker", "somewhere"], 2, "is not HOST:PORT"),
        (["--stations", "0"], 2, "must be 1 or more"),
    ],
)
def test_what_cannot_be_simulated_is_refused(arguments: list[str], code: int, said: str) -> None:
    done = simulate(*arguments)
    assert done.returncode == code
    assert said in done.stderr


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
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    measured = {line["station"] for line in lines if line["event"] == "measured"}
    waiting = {line["station"] for line in lines if line["event"] == "waiting"}
    assert measured == waiting == {"xf-beidajie", "xf-yucailu"}
    assert (tmp_path / "outboxes" / "xf-beidajie.db").exists()
