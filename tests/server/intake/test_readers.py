"""Several readers: a station's messages are all in one hand, and come back in their order."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.support.registered import NOON
from warmstation_server.intake import Message
from warmstation_server.intake.orders import MESSAGES
from warmstation_server.intake.parcels import framed, unframed, unpacked
from warmstation_server.intake.readers import Beside, Up

STATIONS = [f"ks-{number}" for number in range(40)]


@pytest.fixture
def ends() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Three lines to readers, and the way up: near and far end of each."""
    with ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(4)]
        for end in (end for pair in pairs for end in pair):
            stack.enter_context(end)
        yield pairs
        for near, far in pairs:  # so that whoever still reads there ends before it is closed
            near.shutdown(socket.SHUT_RDWR)
            far.shutdown(socket.SHUT_RDWR)


def beside(ends: list[tuple[socket.socket, socket.socket]]) -> Beside:
    return Beside([near for near, _ in ends[:3]], Up(ends[3][0]))


def parcels(far: socket.socket) -> Iterator[Any]:
    return unframed(far.makefile("rb"))


def test_all_messages_of_a_station_go_to_one_reader_in_their_order(
    ends: list[tuple[socket.socket, socket.socket]],
) -> None:
    readers = beside(ends)
    said = [
        Message(f"warmstation/v1/kunshan/{name}/{leaf}", b"%d" % number, NOON, 1, number)
        for number, leaf in enumerate(("presence", "report", "report", "result"))
        for name in STATIONS
    ]
    readers.read(said)
    hands = [list(unpacked(next(parcels(far)), 0)) for _, far in ends[:3]]
    holders: dict[str, int] = {}
    for hand, messages in enumerate(hands):
        for one in messages:
            assert holders.setdefault(one.topic.split("/")[3], hand) == hand
        for name in STATIONS:
            mids = [one.mid for one in messages if f"/{name}/" in one.topic]
            assert mids == sorted(mids)
    assert sum(map(len, hands)) == len(said)


def test_what_a_reader_gives_back_goes_up_as_it_is(
    ends: list[tuple[socket.socket, socket.socket]],
) -> None:
    beside(ends)
    for _, far in ends[:3]:
        far.sendall(framed((MESSAGES, ["read"])))
    came = parcels(ends[3][1])
    assert [next(came) for _ in range(3)] == [(MESSAGES, ["read"])] * 3


def test_where_one_reader_ends_the_server_is_told_that_all_do(
    ends: list[tuple[socket.socket, socket.socket]],
) -> None:
    beside(ends)
    ends[1][1].shutdown(socket.SHUT_RDWR)
    assert ends[3][1].recv(1) == b""
