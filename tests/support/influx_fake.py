"""A little HTTP server that answers as InfluxDB 2 documents, and fails as it is told to.

It keeps lines and answers no question: a history that opens on it is empty. `manner` has it behave
in ways that no server should (`influx_manners.py`).
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from warmstation_server.history.influx_door import Place


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets. Status 0: the connection is cut without a word."""

    status: int
    code: str = ""
    message: str = ""
    retry_after: str | None = None


TAKEN = Answer(204)
Manner = Callable[[socket.socket, threading.Event], object]
"""What becomes of a connection instead of an answer; the event is set when the server ends."""
Judge = Callable[[str, list[str]], Answer]
"""What to answer to a write, by bucket and lines."""


@dataclass
class FakeInflux:
    """`judge` decides about each write; what is answered with 204 is kept.

    `manner`: by a request's number, from 1 on, and its path; None = as documented.
    """

    place: Place
    judge: Judge = field(default=lambda _bucket, _lines: TAKEN)
    manner: Callable[[int, str], Manner | None] = field(default=lambda _number, _path: None)
    lines: dict[str, list[str]] = field(default_factory=dict)
    writes: int = 0
    questions: int = 0
    requests: int = 0
    connections: int = 0
    greeting: Manner | None = None
    """What becomes of a connection on which nothing was said yet; None = as documented."""
    ended: threading.Event = field(default_factory=threading.Event)

    def take(self, bucket: str, lines: list[str]) -> Answer:
        """Judge a write."""
        self.writes += 1
        answer = self.judge(bucket, lines)
        if answer.status == TAKEN.status:
            self.lines.setdefault(bucket, []).extend(lines)
        return answer


@contextmanager
def fake_influx(timeout_s: float = 5, tls: ssl.SSLContext | None = None) -> Iterator[FakeInflux]:
    """A server on a free port; with `tls` it is `localhost` and speaks that."""
    httpd = _Server(("127.0.0.1", 0), _Handler)
    scheme = "http://127.0.0.1" if tls is None else "https://localhost"
    url = f"{scheme}:{httpd.server_address[1]}"
    fake = FakeInflux(Place(url, "warm", "a-token", timedelta(seconds=timeout_s)))
    httpd.fake, httpd.tls = fake, tls
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        fake.ended.set()
        httpd.shutdown()
        thread.join()
        httpd.server_close()


class _Server(ThreadingHTTPServer):
    fake: FakeInflux
    tls: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """See BaseServer: in the connection's own thread."""
        self.fake.connections += 1
        if (greet := self.fake.greeting) is not None:
            with suppress(OSError), request:
                greet(request, self.fake.ended)
        elif self.tls is None:
            super().finish_request(request, client_address)
        elif (wire := _shaken(self.tls, request)) is not None:
            with wire:
                super().finish_request(wire, client_address)


def _shaken(tls: ssl.SSLContext, wire: socket.socket) -> ssl.SSLSocket | None:
    """None where the client did not like us."""
    try:
        return tls.wrap_socket(wire, server_side=True)
    except OSError:
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        url = urlsplit(self.path)
        fake: FakeInflux = self.server.fake  # type: ignore[attr-defined]
        fake.requests += 1
        if (behave := fake.manner(fake.requests, url.path)) is not None:
            self.close_connection = True
            with suppress(OSError), self.connection:
                behave(self.connection, fake.ended)
            return
        if url.path == "/api/v2/write":
            assert self.headers["Authorization"] == "Token a-token"
            self._answer(fake.take(parse_qs(url.query)["bucket"][0], body.split("\n")))
        elif url.path == "/api/v2/query":
            fake.questions += 1
            self._answer(Answer(200))
        else:
            self._answer(Answer(404, "not found", url.path))

    def _answer(self, answer: Answer) -> None:
        if answer.status == 0:
            self.close_connection = True
            self.connection.close()
            return
        text = json.dumps({"code": answer.code, "message": answer.message}) if answer.code else ""
        self.send_response(answer.status)
        if answer.retry_after is not None:
            self.send_header("Retry-After", answer.retry_after)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Silence."""
