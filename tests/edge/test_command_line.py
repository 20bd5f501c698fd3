"""`warmstation-agent` as a process: start, readiness, orderly stop, exit codes."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.little_server import LittleServer
from tests.support.mosquitto import STATION_ACL, Mosquitto
from tests.support.patience import PATIENCE_S, eventually
from warmstation_edge.__main__ import main
from warmstation_edge.version import VERSION

PROFILE = """
[station]
id = "ks-a"
district = "kunshan"
[broker]
host = "{host}"
port = {port}
[outbox]
path = "{folder}/outbox.db"
[report]
report_s = 1
[smoke]
pin = 25
"""


class Process:
    """The agent on gpiozero's mock pins, with a socket where systemd would listen."""

    def __init__(self, folder: Path, port: int, host: str = "127.0.0.1") -> None:
        self.folder = folder
        profile = folder / "station.toml"
        profile.write_text(PROFILE.format(host=host, port=port, folder=folder))
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.wire.bind(str(folder / "notify"))
        self.wire.settimeout(PATIENCE_S)
        environment = {
            "GPIOZERO_PIN_FACTORY": "mock",
            "NOTIFY_SOCKET": str(folder / "notify"),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "warmstation_edge", "run", "--config", str(profile)],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, said

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.wire.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path, acl=STATION_ACL) as broker:
        yield broker


@pytest.mark.broker
def test_run_reports_and_stops_in_order(tmp_path: Path, broker: Mosquitto) -> None:
    agent = Process(tmp_path, broker.port)
    try:
        with LittleServer(broker.port) as server:
            assert agent.wire.recv(64) == b"READY=1"
            assert agent.wire.recv(64) == b"WATCHDOG=1"
            eventually(lambda: len(server.reports) >= 2)
            assert server.presence["ks-a"].online
            code, said = agent.stop()
            assert code == 0, said
            eventually(lambda: not server.presence["ks-a"].online)
            assert server.presence["ks-a"].since is not None, "a goodbye, not the last will"
    finally:
        agent.close()
    with sqlite3.connect(tmp_path / "outbox.db") as db:
        assert db.execute("SELECT clean FROM state").fetchone() == (1,)
    db.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-name.invalid"])
def test_run_samples_without_a_broker_or_a_name_server(tmp_path: Path, host: str) -> None:
    agent = Process(tmp_path, 1, host)
    try:
        assert agent.wire.recv(64) == b"READY=1"
        assert agent.wire.recv(64) == b"WATCHDOG=1"
        code, said = agent.stop()
        assert code == 0, said
    finally:
        agent.close()
    with sqlite3.connect(tmp_path / "outbox.db") as db:
        (waiting,) = db.execute("SELECT count(*) FROM reports").fetchone()
    db.close()
    assert waiting >= 1


def test_a_profile_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--config", str(tmp_path / "none.toml")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_password_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    profile = tmp_path / "station.toml"
    text = PROFILE.format(host="127.0.0.1", port=1, folder=tmp_path)
    profile.write_text(text.replace("[broker]", '[broker]\npassword_file = "/none"'))
    assert main(["run", "--config", str(profile)]) == 1
    said = capsys.readouterr().err
    assert "password_file" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["run"], ["fly"]])
def test_wrong_usage_is_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize(("module", "library"), [("gpiozero", "gpiozero"), ("paho", "paho-mqtt")])
def test_an_environment_without_the_agents_libraries_is_told_so_in_one_sentence(
    module: str, library: str
) -> None:
    """As where only warmstation[server] is installed."""
    script = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from warmstation_edge.__main__ import main; sys.exit(main(['run', '--config', 'x.toml']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == f"{library} is missing: install warmstation[edge]\n"


def test_what_run_leaves_out_is_there_once_it_is_used() -> None:
    script = (
        "import os, sys\n"
        "from warmstation_edge.spared import ForLater, spare\n"
        "spare(os.environ)\n"
        "import statistics, subprocess, urllib.request\n"
        "from importlib.metadata import entry_points\n"
        "from statistics import median\n"
        "assert isinstance(statistics, ForLater) and '_statistics' not in sys.modules\n"
        "assert median([1, 2, 6]) == statistics.median([1, 2, 6]) == 2\n"
        "assert statistics.fmean([1, 2, 6]) == 3\n"
        "assert not isinstance(sys.modules['statistics'], ForLater)\n"
        "assert not hasattr(statistics, 'mode_') and not hasattr(subprocess, '__path__')\n"
        "assert urllib.request.Request('http://a').host == 'a'\n"
        "assert entry_points(group='gpiozero_pin_factories')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_agent_says_which_one_it_is() -> None:
    assert version("warmstation") == VERSION


def test_run_leaves_out_of_its_memory_what_it_does_not_need() -> None:
    script = (
        "import sys\n"
        "from warmstation_edge.__main__ import main\n"
        "main(['run', '--config', '/nowhere.toml'])\n"
        "print(*sorted(sys.modules))"
    )
    spared = {name: value for name, value in os.environ.items() if name != "PYTHONTZPATH"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=spared, capture_output=True, text=True, check=False
    )
    assert done.stderr == "/nowhere.toml: file: cannot be read (No such file or directory)\n"
    loaded = set(done.stdout.split())
    assert {"warmstation_edge.sampler", "pydantic", "zoneinfo"} <= loaded
    left_out = ("alert", "status", "enrolment", "commissioning")
    assert not {f"warmstation_wire.{name}" for name in left_out} & loaded
    assert not any(
        name.startswith(("_sysconfigdata", "asyncio", "cryptography")) for name in loaded
    )
    assert not any(name.startswith("warmstation_edge.doctor") for name in loaded)
    for name in (
        "argparse",
        "locale",
        "email",
        "http",
        "zipfile",
        "csv",
        "tempfile",
        "gpiozero.boards",
    ):
        assert name not in loaded, name
