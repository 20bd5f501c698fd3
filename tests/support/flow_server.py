"""`warmstation serve` as a process of its own, so that it can be killed like one.

server = ServeProcess(tmp_path / "server", broker.port)
server.register(fleet)
with server:
    server.kill()       # SIGKILL: nothing is finished
    server.start()      # on the same data and the same port
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from tests.support.migrated import migrated
from tests.support.patience import PATIENCE_S, Stopwatch, eventually
from tests.support.ports import free_port
from warmstation_edge.simulator.plan import Fleet
from warmstation_edge.simulator.registry_file import registry_toml
from warmstation_server.config import Config, check
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.registry import Registry
from warmstation_server.registry.imports import read

READY_WITHIN_S = 600.0
"""A start takes some seconds of a processor, and a machine may have dozens of others at work."""
STOP_WITHIN_S = 120.0
ASK_S = 0.1
"""A server that starts has better things to do than to say that it has not."""
SERVE = (sys.executable, "-m", "warmstation", "serve")


class ServeProcess:
    """One server with its own directory; `prefix` is a command that runs it, such as prlimit.

    `processes`: so many beside it read what comes.
    """

    def __init__(
        self,
        directory: Path,
        mqtt_port: int,
        *,
        http_port: int | None = None,
        data_dir: Path | None = None,
        prefix: Sequence[str] = (),
        processes: int = 0,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.port = http_port or free_port()
        self.file = directory / "server.toml"
        self.file.write_text(
            f'data_dir = "{data_dir or directory / "data"}"\n'
            f"[broker]\nport = {mqtt_port}\n[http]\nport = {self.port}\n"
            "[history]\nretention_days = 3650\n"
            f"[intake]\nprocesses = {processes}\n",
            "utf-8",
        )
        self.config: Config = check(self.file)
        self.log_path = directory / "serve.log"
        self._prefix = prefix
        self._process: subprocess.Popen[bytes] | None = None
        self._asked_at = 0.0

    def register(self, fleet: Fleet) -> None:
        """Import the fleet's regions and stations, as `warmstation station import` does."""
        migrated(self.config.data_dir / "registry.db")
        file = self.file.with_name("registry.toml")
        file.write_text(registry_toml(fleet), "utf-8")
        with closing(Registry.open(self.config.registry_url)) as registry:
            outcome = registry.take(read(file).rows, strict=True)
        assert not outcome.refused

    def launch(self) -> None:
        """Start it and do not wait."""
        assert self._process is None
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._prefix, *SERVE, "--config", str(self.file)],
                stdout=log,
                stderr=log,
            )

    def start(self, doing: Callable[[], object] | None = None) -> None:
        """Start it and wait until it is ready; `doing` turns agents meanwhile."""
        self.launch()
        eventually(self.is_ready, READY_WITHIN_S, doing)

    def start_alone(self) -> None:
        """Start it and wait until it answers, with or without a broker."""
        self.launch()
        eventually(lambda: self.fetch("/healthz")[0] == 200, READY_WITHIN_S)

    def kill(self) -> None:
        """End it with SIGKILL, at whatever instruction it is."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_WITHIN_S)
            self._process = None

    def kill_intake(self, chance: Random) -> bool:
        """End one of its intake's processes with SIGKILL; False where it has none."""
        assert self._process is not None
        found = [
            pid
            for pid in _below(self._process.pid)
            if "intake." in _read(Path(f"/proc/{pid}/cmdline"))
        ]
        if found:
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(chance.choice(found), signal.SIGKILL)
        return bool(found)

    def stop(self) -> tuple[int, float]:
        """End it with SIGTERM; its exit code and the seconds that it took an idle machine."""
        assert self._process is not None
        with Stopwatch() as stopwatch:
            self._process.send_signal(signal.SIGTERM)
            code = self._process.wait(STOP_WITHIN_S)
        self._process = None
        return code, stopwatch.seconds

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it is over, by itself or not."""
        return self._process is None or self._process.poll() is not None

    def is_ready(self) -> bool:
        """Whether /readyz says so; AssertionError with its log where it has ended by itself."""
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        if time.monotonic() < self._asked_at + ASK_S:
            return False
        self._asked_at = time.monotonic()
        return self.fetch("/readyz")[0] == 200

    def fetch(self, path: str) -> tuple[int, bytes]:
        """Status and body of a page; 0 where nobody answers."""
        try:
            address = f"http://127.0.0.1:{self.port}{path}"
            with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
                return answer.status, bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            return 0, b""

    def status_of(self, station: str) -> dict[str, Any]:
        """The station's element of the open feed's station_status."""
        document = json.loads(self.fetch("/feed/v1/station_status.json")[1])
        found: dict[str, Any] = next(
            one for one in document["data"]["stations"] if one["station_id"] == station
        )
        return found

    def log(self) -> str:
        """All that it has said since it was first started."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    @contextmanager
    def history(self) -> Iterator[SqliteHistory]:
        """What it has committed; only while it does not run."""
        with closing(SqliteHistory(self.config.history_path, self.config.zone_info)) as found:
            yield found

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()


def children(pid: int) -> list[int]:
    """Of a process and all its threads, as they are now."""
    try:
        threads = list(Path("/proc", str(pid), "task").iterdir())
    except OSError:  # it has ended
        return []
    return [int(child) for thread in threads for child in _read(thread / "children").split()]


def _below(pid: int) -> list[int]:
    """Its children, and theirs."""
    return [one for child in children(pid) for one in (child, *_below(child))]


def _read(path: Path) -> str:
    """A file of /proc; empty where the process has ended meanwhile."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def command(*arguments: str, within_s: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run `warmstation ...` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "warmstation", *arguments],
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
        env=os.environ | {"PYTHONWARNINGS": "error"},
    )
