"""A real HTTP server on loopback that answers as the vendors document, or as a test says."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behave = Callable[["Handler"], None]


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass
class Vendor:
    """Answers in turn as told, then as `usual`; what was asked is kept."""

    port: int
    usual: Behave
    asked: list[Asked] = field(default_factory=list)
    next: deque[Behave] = field(default_factory=deque)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/send?key=SECRET-KEY"

    def then(self, *behaviours: Behave) -> None:
        """What it does for the next requests."""
        self.next.extend(behaviours)


class Handler(BaseHTTPRequestHandler):
    """Reads a whole request and then behaves."""

    vendor: Vendor

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.vendor.asked.append(Asked(self.path, headers, body))
        (self.vendor.next.popleft() if self.vendor.next else self.vendor.usual)(self)

    def do_GET(self) -> None:
        self.vendor.asked.append(Asked(self.path, {}, b""))
        answers({})(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        pass


def answers(body: Mapping[str, Any] | bytes, status: int = 200, **headers: str) -> Behave:
    """A whole answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()

    def behave(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    return behave


def half(handler: Handler) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"errcode":')
    handler.wfile.flush()
    handler.close_connection = True


def reset(handler: Handler) -> None:
    """Ends the connection with a reset instead of an answer."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True


def silent(handler: Handler) -> None:
    """Says nothing until the test is over."""
    handler.vendor.release.wait()
    handler.close_connection = True


def drips(handler: Handler) -> None:
    """A byte every now and then, for ever: each one comes within any timeout of a socket."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.vendor.release.wait(0.02):
        try:
            handler.wfile.write(b"X")
            handler.wfile.flush()
        except OSError:
            break
    handler.close_connection = True


OK = answers({"errcode": 0, "errmsg": "ok"})


@contextmanager
def vendor(usual: Behave = OK) -> Iterator[Vendor]:
    """A vendor, for the length of a test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Ours", (Handler,), {}))
    server.daemon_threads = True
    found = Vendor(server.server_address[1], usual)
    server.RequestHandlerClass.vendor = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        found.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
