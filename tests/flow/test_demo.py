"""One command brings up a city and takes it down again, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.flow_server import command
from tests.support.patience import eventually
from tests.support.ports import free_port

pytestmark = pytest.mark.broker
DEMO = [sys.executable, "-m", "warmstation", "demo"]
PATIENCE_S = 120.0
CAUGHT_BETWEEN = """
import os, signal, subprocess, sys
from warmstation.demo.spawning import die_with

parent = os.getpid()
signal.signal(signal.SIGTERM, lambda *_: None)


def waits():
    print("forked", flush=True)
    while os.getppid() == parent:
        os.sched_yield()


steps = [waits, lambda: die_with(parent)]
if sys.argv[1] == "bound":
    steps.reverse()
subprocess.Popen(["sleep", "300"], preexec_fn=lambda: [step() for step in steps])
"""
"""A demo with a child that is still between fork and exec when the demo is killed."""


class Demo:
    """A demo of a few stations on ports and in a directory of its own."""

    def __init__(self, directory: Path, *options: str, days: int = 0) -> None:
        self.directory, self.port, self.mqtt_port = directory, free_port(), free_port()
        self.temporary = directory.with_name("temporary")
        self.temporary.mkdir(exist_ok=True)
        self.options = ["--fleet", "xifeng", "--stations", "5", "--days", str(days)]
        self.options += ["--port", str(self.port), "--mqtt-port", str(self.mqtt_port)]
        self.options += ["--data-dir", str(directory), *options]

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """The demo as a process, once its page can be read."""
        environment = os.environ | {"TMPDIR": str(self.temporary)}
        process = subprocess.Popen(
            [*DEMO, *self.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        try:
            eventually(lambda: process.poll() is not None or self.is_up(), PATIENCE_S)
            assert process.poll() is None, process.communicate()
            yield process
        finally:
            process.kill()
            process.communicate()

    def is_up(self) -> bool:
        """Whether the server says that it is ready."""
        try:
            address = f"http://127.0.0.1:{self.port}/readyz"
            with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def refusal(self) -> str:
        """What a demo that cannot start says: one sentence, and code 1."""
        ended = command("demo", *self.options, "--headless", "--seconds", "1")
        assert ended.returncode == 1, (ended.stdout, ended.stderr)
        assert ended.stdout == ""
        assert len(ended.stderr.splitlines()) == 1, ended.stderr
        return ended.stderr

    def processes(self) -> set[int]:
        """Those of a running demo, that of the demo itself included."""
        said = [self.directory, f"TMPDIR={self.temporary}"]
        return processes_with([str(one).encode() for one in said])

    def check_nothing_is_left(self) -> None:
        """No process, no listener, no temporary file."""
        assert not self.processes()
        for port in (self.port, self.mqtt_port):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        assert not list(self.temporary.iterdir())


def processes_with(texts: list[bytes]) -> set[int]:
    """Numbers of any processes with one of these in their command line or environment."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            said = (path / "cmdline").read_bytes() + (path / "environ").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if any(text in said for text in texts):
            found.add(int(path.name))
    return found


def test_a_headless_demo_proves_that_nothing_is_lost(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo", days=1)
    ended = command("demo", *demo.options, "--headless", "--seconds", "6")
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert said.keys() >= {"stations", "reports", "committed", "receipted", "lost", "duplicated"}
    assert said["stations"] == 5
    assert said["reports"] >= 5
    assert said["committed"] + said["waiting"] == said["reports"]
    assert said["receipted"] > 0
    assert (said["lost"], said["duplicated"]) == (0, 0)
    assert 0 < said["p50_ms"] <= said["p99_ms"]
    print(said)
    demo.check_nothing_is_left()


@pytest.mark.parametrize(("broker", "options"), [("mosquitto", ()), ("embedded", ("--embedded",))])
def test_after_ctrl_c_nothing_is_left(
    tmp_path: Path, broker: str, options: tuple[str, ...]
) -> None:
    demo = Demo(tmp_path / "demo", *options)
    with demo.running() as process:

        def is_whole() -> bool:
            """Demo, broker, server and fleet; the fleet comes last, when all else is up."""
            return len(demo.processes()) >= 4

        eventually(is_whole, PATIENCE_S)
        process.send_signal(signal.SIGINT)
        said, complaint = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, complaint) == (0, "")
    assert f"127.0.0.1:{demo.mqtt_port} ({broker})" in said
    assert ", 0 lost, 0 duplicated" in " ".join(said.split())
    demo.check_nothing_is_left()


def test_a_killed_demo_takes_its_processes_along(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    with demo.running() as process:
        process.kill()
        process.wait(PATIENCE_S)
        eventually(lambda: not demo.processes(), PATIENCE_S)


def test_a_server_that_is_never_told_what_to_serve_ends_with_the_demo(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo", "--fleet", "nowhere")
    environment = os.environ | {"TMPDIR": str(demo.temporary)}
    command = [*DEMO, *demo.options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        eventually(lambda: len(demo.processes()) > 1, PATIENCE_S)
        _, complaint = process.communicate(timeout=PATIENCE_S)
    assert "nowhere" in complaint
    assert len(complaint.splitlines()) == 1
    eventually(lambda: not demo.processes(), PATIENCE_S)


@pytest.mark.parametrize("when", ["unbound", "bound"])
def test_a_child_that_is_caught_between_fork_and_exec_goes_too(when: str) -> None:
    command = [sys.executable, "-c", CAUGHT_BETWEEN, when]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "forked\n"
        process.kill()
        said, _ = process.communicate(timeout=PATIENCE_S)  # its child holds the other end
    assert said == ""


def test_a_second_start_is_told_apart_from_the_first(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    with demo.running():
        again = Demo(tmp_path / "demo")
        assert "already running" in again.refusal()
        elsewhere = Demo(tmp_path / "elsewhere")
        elsewhere.options += ["--port", str(demo.port)]
        assert f"port {demo.port} is in use" in elsewhere.refusal()
        elsewhere.options += ["--port", str(free_port()), "--mqtt-port", str(demo.mqtt_port)]
        assert f"port {demo.mqtt_port} is in use" in elsewhere.refusal()


def test_a_data_directory_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in Demo(tmp_path / "file").refusal()
    (tmp_path / "other").mkdir()
    (tmp_path / "other/demo.json").write_text('{"fleet": "haibowan", "stations": null}', "utf-8")
    assert "holds a demo of" in Demo(tmp_path / "other").refusal()


def test_a_broken_history_in_the_data_directory_is_one_sentence(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    (tmp_path / "demo/server").mkdir(parents=True)
    (tmp_path / "demo/server/history.db").write_bytes(b"garbage" * 1000)
    assert "history.db" in demo.refusal()
