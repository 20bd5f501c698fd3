"""The buffered socket: one question to the system, any number of answers."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.certificates import make_certificates
from warmstation_server.intake.buffered import BufferedSocket


@pytest.fixture
def ends() -> Iterator[tuple[BufferedSocket, socket.socket]]:
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        yield BufferedSocket(near), far


def test_it_gives_what_was_filled_in_any_pieces(
    ends: tuple[BufferedSocket, socket.socket],
) -> None:
    near, far = ends
    far.sendall(b"abcdef")
    near.fill()
    assert near.pending() == 6
    assert [near.recv(1), near.recv(2), near.recv(100)] == [b"a", b"bc", b"def"]
    assert near.pending() == 0


def test_it_gives_nothing_that_was_not_filled(ends: tuple[BufferedSocket, socket.socket]) -> None:
    near, far = ends
    far.sendall(b"a")
    with pytest.raises(BlockingIOError):
        near.recv(1)


def test_what_was_left_comes_before_what_is_new(
    ends: tuple[BufferedSocket, socket.socket],
) -> None:
    near, far = ends
    far.sendall(b"abc")
    near.fill()
    assert near.recv(1) == b"a"
    far.sendall(b"d")
    near.fill()
    assert near.recv(10) == b"bcd"


def test_to_fill_from_silence_brings_nothing_and_waits_for_nothing(
    ends: tuple[BufferedSocket, socket.socket],
) -> None:
    ends[0].fill()
    assert ends[0].pending() == 0


def test_the_other_sides_end_is_an_error(ends: tuple[BufferedSocket, socket.socket]) -> None:
    ends[1].close()
    with pytest.raises(ConnectionResetError):
        ends[0].fill()


def test_of_tls_it_takes_every_record_that_is_there(tmp_path: Path) -> None:
    make_certificates(tmp_path, "localhost")
    ours = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(tmp_path / "localhost.crt", tmp_path / "localhost.key")
    near, far = socket.socketpair()
    with ThreadPoolExecutor(1) as other:
        greeted = other.submit(theirs.wrap_socket, far, server_side=True)
        with ours.wrap_socket(near, server_hostname="localhost") as inner, greeted.result() as peer:
            inner.setblocking(False)
            wire = BufferedSocket(inner)
            for number in range(50):
                peer.sendall(b"%02d" % number)
            wire.fill()
            assert wire.recv(1000) == b"".join(b"%02d" % number for number in range(50))
            wire.fill()
            assert wire.pending() == 0
