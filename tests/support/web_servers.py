"""nginx and Caddy with the configurations that we ship, moved to ports and folders of a test."""

from __future__ import annotations

import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from tests.support.patience import PATIENCE_S, eventually
from tests.support.ports import free_port
from warmstation_server.operations.install import SAMPLE_HOST, sample


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes


def fetch(url: str, **headers: str) -> Answer:
    """GET; status 0 where nobody listens. `accept_encoding="gzip"` is the header's name."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        asked = urllib.request.Request(url, headers=named)
        with urllib.request.urlopen(asked, timeout=PATIENCE_S) as it:
            return Answer(it.status, it.headers, it.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())
    except OSError:
        return Answer(0, Message(), b"")


@contextmanager
def nginx(
    folder: Path, feed: Path, server_port: int, certified: tuple[Path, Path] | None = None
) -> Iterator[str]:
    """Debian's nginx with our site; yields its address.

    `certified`: files with its certificate and key, for TLS as an operator would add it.
    """
    port = free_port()
    tls = ""
    if certified is not None:
        tls = f" ssl;\n    ssl_certificate {certified[0]};\n    ssl_certificate_key {certified[1]}"
    site = sample("nginx.conf").replace("listen 80;", f"listen 127.0.0.1:{port}{tls};")
    site = site.replace("    listen [::]:80;\n", "").replace(SAMPLE_HOST, "localhost")
    site = site.replace("/var/www/warmstation", str(feed)).replace(":8000", f":{server_port}")
    scratch = "".join(
        f"  {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user root;\npid {folder}/pid;\ndaemon off;\nerror_log {folder}/error.log;\n"
        f"worker_processes 1;\nevents {{}}\nhttp {{\n  access_log off;\n{scratch}{site}}}\n"
    )
    words = ("-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"))
    with _running(_found("nginx"), words, port) as address:
        yield address


@contextmanager
def caddy(folder: Path, feed: Path, server_port: int) -> Iterator[str]:
    """Debian's Caddy with our Caddyfile, without TLS and its administration; yields its address."""
    port = free_port()
    text = sample("Caddyfile").replace("/var/www/warmstation", str(feed))
    text = text.replace("{$SITE:stations.example.org}", f"http://localhost:{port}")
    text = text.replace("{$SERVER:127.0.0.1:8000}", f"127.0.0.1:{server_port}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
    words = ("run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile"))
    with _running(_found("caddy"), words, port, HOME=str(folder)) as address:
        yield address


@contextmanager
def _running(program: str, words: tuple[str, ...], port: int, **environ: str) -> Iterator[str]:
    address = f"http://localhost:{port}"
    with subprocess.Popen([program, *words], stderr=subprocess.DEVNULL, env=environ) as process:
        try:
            eventually(lambda: fetch(address).status != 0)
            yield address
        finally:
            process.terminate()


def _found(name: str) -> str:
    program = shutil.which(name, path="/usr/sbin:/usr/bin")
    if program is None:
        raise RuntimeError(f"{name} is not installed: make packages")
    return program
