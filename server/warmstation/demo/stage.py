"""Brings a demo up, keeps it up, takes it down: broker, server and fleet as processes.

The server loads from the first moment on; where a past is made already, it is told its file and
the broker is started before anything else is looked at.
"""

from __future__ import annotations

import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from warmstation.demo import lived, logins
from warmstation.demo.broker import DemoBroker, choose, installed_mosquitto
from warmstation.demo.children import LOOK_S, Children
from warmstation.demo.claim import claim_directory, claim_port
from warmstation.demo.loading import LoadingServer
from warmstation.demo.options import Options
from warmstation.demo.voice import Asked, Voice
from warmstation.errors import DemoError

if TYPE_CHECKING:
    from warmstation.demo.proof import Proof


def run(
    options: Options, voice: Voice, is_asked: Asked, server: LoadingServer | None = None
) -> Proof:
    """One demo from start to end; DemoError where it cannot start or a part of it ends early.

    `server`: one that is loading already.
    """
    if find_spec("gpiozero") is None:
        raise DemoError("the simulated stations need the agent: pip install 'warmstation[edge]'")
    now = datetime.now(UTC)
    if options.faults or not options.directory.exists():
        from warmstation.demo.ground import fleet_of

        fleet_of(options)  # what was mistyped is said before anything is made
    with ExitStack() as stack:
        config = _claimed(options, stack)
        children = Children(options.directory / "logs", stack)
        is_new = lived.is_missing(options.directory, options.days, now)
        broker = None if is_new else _started(options, children, server)
        from warmstation.demo.ground import prepared

        stations = prepared(options, config, now, _unless(is_asked, voice.past))
        broker = broker or _started(options, children, server)
        ledger = _scratch(stack)
        children.wait(lambda: _listens(broker.server_port), "the broker")
        children.wait(lambda: _is_ready(options.port), "the server")
        children.start("fleet", _fleet(options, broker, ledger))
        voice.up(options, broker, stations)
        for line in logins.lines(logins.ready(options.directory, config), options.port):
            voice.said(line)
        _live(options, children, is_asked)
        voice.said("stopping ...")
        children.stop()
        return _proof(config, ledger)


def _unless(is_asked: Asked, progress: Callable[[float], None]) -> Callable[[float], None]:
    """Ctrl-C is heard while the history is made, too."""

    def told(done: float) -> None:
        if is_asked():
            raise DemoError("stopped while the history was made: the next start makes it anew")
        progress(done)

    return told


def _claimed(options: Options, stack: ExitStack) -> Path:
    """Directory and ports are this demo's; its server.toml."""
    stack.enter_context(claim_directory(options.directory))
    claim_port(options.port, "--port")
    claim_port(options.mqtt_port, "--mqtt-port")
    options.settle()
    file = options.directory / "server.toml"
    file.write_text(options.server_config(), "utf-8")
    return file


def _started(options: Options, children: Children, server: LoadingServer | None) -> DemoBroker:
    """Broker and server, on their way up."""
    directory = options.directory
    mosquitto = None if options.is_embedded else installed_mosquitto()
    broker = choose(options.mqtt_port, directory / "broker", mosquitto)
    children.start("broker", broker.command)
    children.serve(server or LoadingServer(), directory / "server.toml")
    return broker


def _live(options: Options, children: Children, is_asked: Asked) -> None:
    until = None if options.seconds is None else time.monotonic() + options.seconds
    while not is_asked() and (until is None or time.monotonic() < until):
        children.check()
        time.sleep(LOOK_S)


def _proof(config: Path, ledger: Path) -> Proof:
    from warmstation.demo.proof import Measured, prove
    from warmstation_server.config import check
    from warmstation_server.history.sqlite import SqliteHistory

    kept = check(config)
    history = SqliteHistory(kept.history_path, kept.zone_info)
    with closing(history), ledger.open(encoding="utf-8") as lines:
        return prove(Measured.read(lines), history)


def _fleet(options: Options, broker: DemoBroker, ledger: Path) -> list[str]:
    directory = options.directory
    command = [sys.executable, "-m", "warmstation_edge", "simulate", "--fleet", options.fleet]
    command += ["--broker", f"127.0.0.1:{broker.station_port}"]
    command += ["--data-dir", str(directory / "outboxes"), "--ledger", str(ledger)]
    world = lived.world_file(directory)
    if world.exists():
        command += ["--world-state", str(world)]
    if options.stations:
        command += ["--stations", str(options.stations)]
    for fault in options.faults:
        command += ["--fault", fault]
    return command


def _scratch(stack: ExitStack) -> Path:
    with NamedTemporaryFile(prefix="warmstation-ledger-", delete=False) as file:
        path = Path(file.name)
    stack.callback(path.unlink, missing_ok=True)
    return path


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
