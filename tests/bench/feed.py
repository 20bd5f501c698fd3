"""The open feed from our server against nginx serving the same file, in turns, one client each.

wrk is the client: two threads, 32 connections, each answer a 200 with the whole body in gzip.
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.site import Site
from tests.support.ports import free_port

STATIONS, ROUNDS, SECONDS = 1000, 3, 4
_PATH = "/feed/v1/station_status.json"
_NGINX = """\
worker_processes 1;
daemon off;
pid {root}/nginx.pid;
error_log {root}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  types {{ application/json json; }}
  gzip_static on;
  server {{ listen 127.0.0.1:{port}; root {root}/www; }}
}}
"""


def measure() -> dict[str, float]:
    """Medians of three rounds in turns; NaN for nginx or both where a program is missing."""
    wrk, nginx = shutil.which("wrk"), shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if wrk is None or nginx is None:
        return {"feed_requests_per_s": float("nan"), "feed_nginx_requests_per_s": float("nan")}
    ours: list[float] = []
    theirs: list[float] = []
    with (
        TemporaryDirectory(prefix="warmstation-bench-") as directory,
        Site(Path(directory), STATIONS) as site,
    ):
        body = _body(site.url(_PATH))
        with _Nginx(nginx, Path(directory) / "nginx", body) as url:
            for _ in range(ROUNDS):
                ours.append(_rate(wrk, site.url(_PATH)))
                theirs.append(_rate(wrk, url))
    return {
        "feed_bytes": len(body),
        "feed_gzip_bytes": len(gzip.compress(body, 6)),
        "feed_requests_per_s": median(ours),
        "feed_nginx_requests_per_s": median(theirs),
        "feed_share_of_nginx": round(median(ours) / median(theirs), 3),
    }


class _Nginx:
    """One worker that serves one file, compressed beforehand."""

    def __init__(self, program: str, root: Path, body: bytes) -> None:
        self._program, self._root, self._port = program, root, free_port()
        www = root / "www"
        www.mkdir(parents=True)
        root.chmod(0o755)
        root.parent.chmod(0o755)  # its worker is another user
        (www / "status.json").write_bytes(body)
        (www / "status.json.gz").write_bytes(gzip.compress(body, 6))
        (root / "nginx.conf").write_text(_NGINX.format(root=root, port=self._port), "utf-8")

    def __enter__(self) -> str:
        self._process = subprocess.Popen(
            [self._program, "-p", str(self._root), "-c", str(self._root / "nginx.conf")],
            stderr=subprocess.DEVNULL,
        )
        url = f"http://127.0.0.1:{self._port}/status.json"
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                _body(url)
            except OSError:
                time.sleep(0.05)
            else:
                break
        return url

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)


def _body(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        body: bytes = answer.read()
    return body


def _rate(wrk: str, url: str) -> float:
    printed = subprocess.run(
        [wrk, "-t2", "-c32", f"-d{SECONDS}s", "-H", "Accept-Encoding: gzip", url],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    if "Non-2xx" in printed:
        raise RuntimeError(printed)
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    return float(found[1]) if found else float("nan")
