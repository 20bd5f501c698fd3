"""The buffered socket: one question to the system, any number of answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

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
