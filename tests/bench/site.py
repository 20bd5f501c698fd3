"""A whole server with its broker, as processes on free ports, for the benchmarks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.load import DISTRICT, station_id
from tests.support.ports import free_port
from warmstation.demo.broker import installed_mosquitto
from warmstation_server.config import Config, check
from warmstation_server.intake.mosquitto import MosquittoConf
from warmstation_server.places import Region, Station, Text
from warmstation_server.registry import Registry

_READY_S, _READY_S_PER_STATION = 60.0, 0.002
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Site:
    """Mosquitto and `warmstation serve` in a directory; both end with the `with`.

    `more` is appended to server.toml.
    """

    def __init__(self, directory: Path, stations: int, more: str = "") -> None:
        self.mqtt_port, self.http_port = free_port(), free_port()
        self._directory, self._stations = directory, stations
        toml = directory / "server.toml"
        toml.write_text(
            f'data_dir = "server"\n[broker]\nport = {self.mqtt_port}\n'
            f"[http]\nport = {self.http_port}\n{more}",
            "utf-8",
        )
        self.config: Config = check(toml)
        with closing(Registry.open(self.config.registry_url)) as registry:
            registry.put([Region(DISTRICT, Text("测试区"), "district")], _stations(stations))
        self._toml = toml
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._others: dict[str, list[int]] = {}

    def __enter__(self) -> Self:
        state = self._directory / "broker"
        state.mkdir()
        conf = state / "mosquitto.conf"
        conf.write_text(MosquittoConf(self.mqtt_port, state).text() + "user root\n", "utf-8")
        program = installed_mosquitto() or "mosquitto"
        self._start("broker", [program, "-c", str(conf)])
        self.start_server()
        self._await_ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in reversed(self._processes):
            self._processes[name].terminate()
            self._processes[name].wait(90)  # on a busy machine its last batch takes a while

    def start_server(self) -> None:
        """Also again, after `kill_server`; returns at once."""
        command = [sys.executable, "-m", "warmstation", "serve", "--config", str(self._toml)]
        self._start("server", command)

    def kill_server(self) -> None:
        """SIGKILL: nothing is put in order."""
        self._processes["server"].kill()
        self._processes["server"].wait(15)

    def check(self) -> None:
        """RuntimeError where one has ended: a dead process' figures only stand still."""
        for name, process in self._processes.items():
            if (code := process.poll()) is not None:
                raise RuntimeError(f"the {name} ended with {code}: {self.said(name)}")

    def said(self, name: str = "server") -> str:
        """The end of a process' log, which is gone with the directory."""
        return (self._directory / f"{name}.log").read_text("utf-8")[-1500:]

    def cpu_s(self, name: str) -> float:
        """CPU seconds that a process has used: user and system (proc(5))."""
        return _cpu_s(self._processes[name].pid)

    def rss_mb(self, name: str) -> float:
        """Resident memory of a process in MB."""
        return _rss_mb(self._processes[name].pid)

    def intake_cpu_s(self) -> float:
        """As `cpu_s`, of the server's intake processes together; 0 where it has none."""
        return sum(map(_cpu_s, self._intake_pids()))

    def intake_rss_mb(self) -> float:
        """As `rss_mb`, of the server's intake processes together; 0 where it has none."""
        return sum(map(_rss_mb, self._intake_pids()))

    def watch(self, name: str, pid: int) -> None:
        """One more of the `stages`."""
        self._others[name] = [pid]

    def others_cpu_s(self) -> dict[str, float]:
        """As `cpu_s`, of each that is watched besides."""
        return {name: sum(map(_cpu_s, pids)) for name, pids in self._others.items()}

    def stages(self) -> dict[str, list[int]]:
        """The processes of each stage of a report's way."""
        pids = {name: [process.pid] for name, process in self._processes.items()}
        return pids | {"intake": self._intake_pids()} | self._others

    def _intake_pids(self) -> list[int]:
        return _below(self._processes["server"].pid)

    def url(self, path: str) -> str:
        """A page of this server."""
        return f"http://127.0.0.1:{self.http_port}{path}"

    def _start(self, name: str, command: list[str]) -> None:
        with (self._directory / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _READY_S + _READY_S_PER_STATION * self._stations
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.url("/readyz"), timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"the server is not ready: {self.said()}")


def _below(pid: int) -> list[int]:
    """A process' children, and theirs."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text("ascii").split()]
    return [one for child in children for one in (child, *_below(child))]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _stations(count: int) -> list[Station]:
    return [
        Station(
            id=station_id(number),
            district=DISTRICT,
            name=Text(f"测试站{number}", f"Bench {number}"),
            lat=31.3 + number % 100 / 1000,
            lon=120.9 + number // 100 / 1000,
            region_id=DISTRICT,
            hours="24/7",
            capacity=20,
            host_type="community",
        )
        for number in range(count)
    ]
