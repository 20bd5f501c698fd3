"""Databases that can be stopped and started: InfluxDB 2 where there is one, else VictoriaMetrics.

`WARMSTATION_BENCH_INFLUXD` names the program `influxd`, where it is not in the PATH. What
VictoriaMetrics cannot do is answer Flux, so the little door before it answers "nothing": enough for
a history that begins empty. InfluxDB has the environment that
`operations/files/influxdb.service.conf` gives it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from tests.support.ports import free_port

ORG, BUCKET, TOKEN = "warm", "side", "an-operators-token"
KEPT = f"{BUCKET}-kept"
_START_WITHIN_S = 60.0

Held = list[tuple[str, int]]
"""Station and `seq` of each point held."""


class Database(Protocol):
    """One server with one address for as long as it lives."""

    name: str
    url: str

    def start(self) -> None:
        """Returns when it takes writes."""
        ...

    def stop(self) -> None:
        """SIGTERM: it is away, and what it took is still there when it is back."""
        ...

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        ...

    def held(self, measurement: str) -> Held:
        """Every point's station and `seq`."""
        ...


def influxd() -> str | None:
    """InfluxDB's program, where there is one."""
    return os.environ.get("WARMSTATION_BENCH_INFLUXD") or shutil.which("influxd")


def database(directory: Path) -> Database:
    """The best that is here."""
    return next(iter(databases().values()))(directory)


def databases() -> dict[str, Callable[[Path], Database]]:
    """All that are here, the best first."""
    found: dict[str, Callable[[Path], Database]] = {}
    if (program := influxd()) is not None:
        found["influx"] = partial(Influx, program=program)
    return found | {"victoria": Victoria}


class Influx:
    """influxd with an organisation, two buckets and an operator's token."""

    def __init__(self, directory: Path, program: str) -> None:
        self.name, self._directory = "influxdb 2", directory
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._command = [
            program,
            f"--bolt-path={directory / 'influxd.bolt'}",
            f"--sqlite-path={directory / 'influxd.sqlite'}",
            f"--engine-path={directory / 'engine'}",
            f"--http-bind-address=127.0.0.1:{self._port}",
            "--reporting-disabled",
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """See Database; the first time it is set up."""
        is_first = not (self._directory / "influxd.bolt").exists()
        self._process = _started(self._command, self._directory / "influxd.log", _as_shipped())
        _await(f"{self.url}/health")
        if is_first:
            self._set_up()

    def stop(self) -> None:
        """See Database."""
        _end(self._process)

    @property
    def pid(self) -> int:
        """See Database."""
        return _pid(self._process)

    def held(self, measurement: str) -> Held:
        """See Database."""
        flux = (
            f'from(bucket: "{BUCKET}") |> range(start: -12h)'
            f' |> filter(fn: (r) => r._measurement == "{measurement}" and r._field == "seq")'
            ' |> group() |> keep(columns: ["station", "_value"])'
        )
        asked = {"query": flux, "dialect": {"header": False, "annotations": []}}
        lines = self._post(f"/api/v2/query?org={ORG}", asked).decode().split()
        cells = (line.split(",") for line in lines)
        # An answer's columns: an empty one, the table's number, then ours by name.
        return [(row[4], int(float(row[3]))) for row in cells]

    def _set_up(self) -> None:
        owner = {"username": "operator", "password": "a-long-password", "token": TOKEN}
        said = json.loads(self._post("/api/v2/setup", owner | {"org": ORG, "bucket": BUCKET}))
        kept = {"orgID": said["org"]["id"], "name": KEPT, "retentionRules": []}
        self._post("/api/v2/buckets", kept)

    def _post(self, path: str, body: object) -> bytes:
        headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return bytes(answer.read())


class Victoria:
    """VictoriaMetrics behind a door that answers questions with nothing."""

    name = "victoria-metrics"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        port, inner = free_port(), free_port()
        self.url, self._inner = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{inner}"
        self._port = port
        self._command = [
            "victoria-metrics",
            f"-httpListenAddr=127.0.0.1:{inner}",
            f"-storageDataPath={directory / 'victoria'}",
            "-memory.allowedBytes=64MB",
            "-search.latencyOffset=0s",
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._door: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """See Database."""
        self._process = _started(self._command, self._directory / "victoria.log")
        _await(f"{self._inner}/health")
        handler = type("_Door", (_Door,), {"inner": self._inner})
        self._door = ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        threading.Thread(target=self._door.serve_forever, args=(0.05,)).start()

    def stop(self) -> None:
        """See Database."""
        if self._door is not None:
            self._door.shutdown()
            self._door.server_close()
        _end(self._process)

    @property
    def pid(self) -> int:
        """See Database."""
        return _pid(self._process)

    def held(self, measurement: str) -> Held:
        """See Database."""
        return list(self._exported(measurement))

    def _exported(self, measurement: str) -> Iterator[tuple[str, int]]:
        with urllib.request.urlopen(f"{self._inner}/internal/force_flush", timeout=30):
            pass
        asked = urlencode({"match[]": f"{measurement}_seq", "start": str(time.time() - 43_200)})
        with urllib.request.urlopen(f"{self._inner}/api/v1/export?{asked}", timeout=120) as answer:
            for line in answer:
                series = json.loads(line)
                for value in series["values"]:
                    yield series["metric"]["station"], int(value)


class _Door(BaseHTTPRequestHandler):
    """Of what is asked it knows the writer's marker alone; without it a writer begins anew."""

    protocol_version = "HTTP/1.1"
    inner = ""
    marker = ""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.path.startswith("/api/v2/write"):
            self._answer(200, self.marker if b'"writer"' in body else "")
            return
        if body.startswith(b"writer "):
            text = json.loads(body.decode().partition("text=")[2].removesuffix(" 0"))
            quoted = text.replace('"', '""')
            type(self).marker = f',result,table,_value\r\n,,0,"{quoted}"\r\n'
        headers = {k: v for k, v in self.headers.items() if k.startswith("Content-")}
        request = urllib.request.Request(self.inner + self.path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                self._answer(answer.status)
        except urllib.error.HTTPError as error:
            self._answer(error.code)
        except OSError:
            self._answer(503)

    def _answer(self, status: int, text: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Silence."""


def _as_shipped() -> dict[str, str]:
    shipped = files("warmstation_server.operations") / "files" / "influxdb.service.conf"
    return dict(re.findall(r"^Environment=(\w+)=(\S+)$", shipped.read_text("utf-8"), re.MULTILINE))


def _started(
    command: list[str], log: Path, environment: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        whole = os.environ | (environment or {})
        return subprocess.Popen(command, stdout=file, stderr=file, env=whole)


def _pid(process: subprocess.Popen[bytes] | None) -> int:
    if process is None:
        raise RuntimeError("the database does not run")
    return process.pid


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.terminate()
        process.wait(60)


def _await(url: str) -> None:
    deadline = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")
