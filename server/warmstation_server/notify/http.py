"""One POST to one checked address within one deadline; no redirects, no proxies, no pool."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from warmstation_server.deadline import Reader, left, send
from warmstation_server.notify.errors import NotSent, Unanswered
from warmstation_server.notify.guard import Guard

DEADLINE_S = 10.0
"""For everything: the name, the connection, the question and the whole answer.

Only the system's own search for a name is not cut short; what it took is counted.
"""
MAX_ANSWER_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """Posts to the addresses that its guard lets through. For any thread."""

    def __init__(
        self, guard: Guard, deadline_s: float = DEADLINE_S, tls: ssl.SSLContext | None = None
    ) -> None:
        self._guard = guard
        self._deadline_s = deadline_s
        self._tls = tls or ssl.create_default_context()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer, whatever its status. NotSent, Unanswered, Refused; none names the path."""
        deadline = time.monotonic() + self._deadline_s
        parts = urlsplit(url)
        with self._connected(parts, deadline) as sock:
            connection = _over(sock, parts, deadline)
            try:
                connection.request("POST", _target(parts), body, dict(headers))
            except (OSError, http.client.HTTPException) as error:
                raise NotSent(f"{parts.hostname}: {_cause(error)}") from None
            try:
                return _answer(connection)
            except (OSError, http.client.HTTPException) as error:
                raise Unanswered(f"{parts.hostname}: {_cause(error)}") from None

    def _connected(self, parts: SplitResult, deadline: float) -> socket.socket:
        host, port, is_tls = _place(parts)
        failure: Exception = OSError("no address")
        addresses = self._guard.addresses(host, port)
        for number, address in enumerate(addresses):
            try:
                share = left(deadline) / (len(addresses) - number)  # one may never answer
                sock = socket.create_connection((address, port), share)
            except OSError as error:
                failure = error
                continue
            try:
                sock.settimeout(left(deadline))
                return self._tls.wrap_socket(sock, server_hostname=host) if is_tls else sock
            except OSError as error:
                sock.close()
                failure = error
        raise NotSent(f"{host}: {_cause(failure)}")


def _place(parts: SplitResult) -> tuple[str, int, bool]:
    is_tls = parts.scheme == "https"
    return parts.hostname or "", parts.port or (443 if is_tls else 80), is_tls


def _over(sock: socket.socket, parts: SplitResult, deadline: float) -> http.client.HTTPConnection:
    host, port, is_tls = _place(parts)
    connection = http.client.HTTPConnection(host, port)
    if is_tls:
        connection.default_port = 443  # for the Host header
    connection.sock = cast("Any", _Timed(sock, deadline))
    return connection


class _Timed:
    """A socket as http.client uses it, that forgets nobody's deadline between two bytes."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        send(self._sock, data, self._deadline)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(Reader(self._sock, self._deadline))

    def close(self) -> None:
        """Not yet: http.client closes before it has read an answer that ends a connection."""


def _answer(connection: http.client.HTTPConnection) -> Answer:
    with connection.getresponse() as response:
        body = response.read(MAX_ANSWER_BYTES)
        if response.length and len(body) < MAX_ANSWER_BYTES:
            # http.client says so itself only to those who read without a bound
            raise http.client.IncompleteRead(body, response.length)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, body)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _cause(error: Exception) -> str:
    """What happened, without anything of the message or its address in it."""
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer ended half-way"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
