"""A small SMTP server on loopback: enough of RFC 5321, STARTTLS and AUTH to be refused by it."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.patience import PATIENCE_S


@dataclass
class Post:
    """What the server does and what came in. `say`: other answers, by command (`DATA.` its end).

    An empty answer means that the connection is closed instead.
    """

    port: int
    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    say: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    was_tls: bool = False
    drips: str | None = None
    release: threading.Event = field(default_factory=threading.Event)


@contextmanager
def post_office(
    tls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    say: Mapping[str, str] | None = None,
    drips: str | None = None,
) -> Iterator[Post]:
    """A server, for the length of a test. `drips`: what it answers byte by byte, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    post = Post(listener.getsockname()[1], tls, login, dict(say or {}), drips=drips)
    thread = threading.Thread(target=_serve, args=(listener, post))
    thread.start()
    try:
        yield post
    finally:
        post.release.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _serve(listener: socket.socket, post: Post) -> None:
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        sock.settimeout(PATIENCE_S)
        with suppress(OSError):
            _Dialogue(sock, post).run()


class _Dialogue:
    def __init__(self, sock: socket.socket, post: Post) -> None:
        self._sock = sock
        self._post = post
        self._file = sock.makefile("rb")

    def run(self) -> None:
        try:
            if not self._answer("CONNECT", "220 here"):
                return
            while line := self._file.readline():
                if not self._heard(line.decode().strip()):
                    return
        finally:
            self._file.close()
            self._sock.close()

    def _heard(self, line: str) -> bool:
        verb = line.split(" ", maxsplit=1)[0].upper()
        self._post.commands.append(line)
        if verb == "EHLO":
            return self._greet()
        if verb == "STARTTLS":
            return self._start_tls()
        if verb == "AUTH":
            return self._authenticate(line)
        if verb == "DATA":
            return self._take()
        if verb == "QUIT":
            self._answer(verb, "221 bye")
            return False
        return self._answer(
            line.rsplit(":", maxsplit=1)[-1].strip("<> ") if verb == "RCPT" else verb, "250 ok"
        )

    def _greet(self) -> bool:
        offers = ["here"]
        if self._post.tls and not self._post.was_tls:
            offers.append("STARTTLS")
        if self._post.login:
            offers.append("AUTH PLAIN")
        lines = [
            f"250{'-' if i < len(offers) - 1 else ' '}{offer}" for i, offer in enumerate(offers)
        ]
        return self._answer("EHLO", "\r\n".join(lines))

    def _start_tls(self) -> bool:
        if self._post.tls is None:
            return self._answer("STARTTLS", "502 no")
        self._answer("STARTTLS", "220 go")
        self._file.close()
        self._sock = self._post.tls.wrap_socket(self._sock, server_side=True)
        self._file = self._sock.makefile("rb")
        self._post.was_tls = True
        return True

    def _authenticate(self, line: str) -> bool:
        _, name, word = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        is_right = (name, word) == self._post.login
        return self._answer("AUTH", "235 ok" if is_right else "535 5.7.8 wrong password")

    def _take(self) -> bool:
        if not self._answer("DATA", "354 go on") or "DATA" in self._post.say:
            return "DATA" in self._post.say and bool(self._post.say["DATA"])
        mail = b""
        while (line := self._file.readline()) != b".\r\n":
            if not line:
                return False
            mail += line.removeprefix(b".")  # RFC 5321, 4.5.2
        self._post.mails.append(mail)
        return self._answer("DATA.", "250 taken")

    def _answer(self, what: str, usual: str) -> bool:
        said = self._post.say.get(what, usual)
        if not said:
            return False
        if what == self._post.drips:
            while not self._post.release.wait(0.02):
                self._sock.sendall(b"2")
            return False
        self._sock.sendall(said.encode() + b"\r\n")
        return True
