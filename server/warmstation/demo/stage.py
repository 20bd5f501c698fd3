"""Brings a demo up, keeps it up, takes it down: broker, server and fleet as processes."""

from __future__ import annotations

import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile

from warmstation.demo import past
from warmstation.demo.broker import DemoBroker, choose, installed_mosquitto
from warmstation.demo.claim import claim_directory, claim_port
from warmstation.demo.options import Options
from warmstation.demo.processes import Child, start
from warmstation.demo.proof import Measured, Proof, prove
from warmstation.demo.voice import Asked, Voice
from warmstation.errors import DemoError
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.plan import Fleet
from warmstation_edge.simulator.registry_file import registry_toml
from warmstation_server.config import Config, check
from warmstation_server.history.sqlite import SqliteHistory

READY_WITHIN_S = 30.0
STOP_WITHIN = timedelta(seconds=10)
_LOOK_S = 0.1


def run(options: Options, voice: Voice, is_asked: Asked) -> Proof:
    """One demo from start to end; DemoError where it cannot start or a part of it ends early."""
    if find_spec("gpiozero") is None:
        raise DemoError("the simulated stations need the agent: pip install 'warmstation[edge]'")
    directory = options.directory
    fleet = load(options.fleet)
    fleet = fleet.first(options.stations) if options.stations else fleet
    with ExitStack() as stack:
        stack.enter_context(claim_directory(directory))
        claim_port(options.port, "--port")
        claim_port(options.mqtt_port, "--mqtt-port")
        options.settle()
        file = directory / "server.toml"
        file.write_text(options.server_config(), "utf-8")
        config = check(file)
        _register(fleet, directory, config)
        past.make(fleet, directory, config, options.days, datetime.now(UTC), voice.past)
        ledger = _live(options, voice, is_asked, stack, len(fleet.stations))
        history = SqliteHistory(config.history_path, config.zone_info)
        with closing(history), ledger.open(encoding="utf-8") as lines:
            return prove(Measured.read(lines), history)


def _live(options: Options, voice: Voice, is_asked: Asked, stack: ExitStack, stations: int) -> Path:
    """Everything up, until told to stop, and down again; the agents' ledger."""
    directory = options.directory
    mosquitto = None if options.is_embedded else installed_mosquitto()
    broker = choose(options.mqtt_port, directory / "broker", mosquitto)
    children = _Children(directory / "logs", stack)
    children.start("broker", broker.command)
    this = [sys.executable, "-m"]
    children.start("server", [*this, "warmstation", "serve", "--config", _config(directory)])
    children.wait(lambda: _listens(broker.server_port), "the broker")
    children.wait(lambda: _is_ready(options.port), "the server")
    ledger = _scratch(stack)
    children.start("fleet", [*this, *_fleet(options, broker, ledger)])
    voice.up(options, broker, stations)
    until = None if options.seconds is None else time.monotonic() + options.seconds
    while not is_asked() and (until is None or time.monotonic() < until):
        children.check()
        time.sleep(_LOOK_S)
    voice.said("stopping ...")
    children.stop()
    return ledger


class _Children:
    """The demo's processes; stopped in the opposite order, whatever happens."""

    def __init__(self, logs: Path, stack: ExitStack) -> None:
        self._logs = logs
        self._running: list[Child] = []
        stack.callback(self.stop)

    def start(self, name: str, command: Sequence[str]) -> None:
        self._running.append(start(name, command, self._logs / f"{name}.log"))

    def check(self) -> None:
        for child in self._running:
            child.check()

    def wait(self, is_up: Callable[[], bool], name: str) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not is_up():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{name} is not ready after {READY_WITHIN_S:.0f} s: {self._logs}")
            time.sleep(_LOOK_S / 4)

    def stop(self) -> None:
        while self._running:
            self._running.pop().stop(STOP_WITHIN)


def _fleet(options: Options, broker: DemoBroker, ledger: Path) -> list[str]:
    directory = options.directory
    command = ["warmstation_edge", "simulate", "--fleet", options.fleet]
    command += ["--broker", f"127.0.0.1:{broker.station_port}"]
    command += ["--data-dir", str(directory / "outboxes"), "--ledger", str(ledger)]
    if past.world_file(directory).exists():
        command += ["--world-state", str(past.world_file(directory))]
    if options.stations:
        command += ["--stations", str(options.stations)]
    for fault in options.faults:
        command += ["--fault", fault]
    return command


def _register(fleet: Fleet, directory: Path, config: Config) -> None:
    """The fleet's places, imported like anybody's; nothing where they are in already."""
    file, text = directory / "registry.toml", registry_toml(fleet)
    if file.exists() and file.read_text("utf-8") == text:
        return
    from warmstation_server.registry import Registry
    from warmstation_server.registry.imports import read

    new = file.with_name("registry.new.toml")
    new.write_text(text, "utf-8")
    with closing(Registry.open(config.registry_url)) as registry:
        outcome = registry.take(read(new).rows, strict=True)
    if outcome.refused:
        raise DemoError(f"the fleet {fleet.name} is refused: {outcome.refused[0]}")
    new.replace(file)


def _scratch(stack: ExitStack) -> Path:
    with NamedTemporaryFile(prefix="warmstation-ledger-", delete=False) as file:
        path = Path(file.name)
    stack.callback(path.unlink, missing_ok=True)
    return path


def _config(directory: Path) -> str:
    return str(directory / "server.toml")


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
