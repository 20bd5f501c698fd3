"""An InfluxDB behind TLS: whoever greets us wrongly, or not at all, holds nobody."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.server.history.test_influx_hostile import MANNERS, SOON_S
from tests.support.certificates import make_certificates
from tests.support.influx_fake import FakeInflux, Manner, fake_influx
from tests.support.influx_manners import ENDS, drips, says
from tests.support.patience import eventually
from warmstation_server.history import influx_wire
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.influx_door import LINES_AT_ONCE, REQUESTS_AT_ONCE, Door, Place

_RECORD = b"\x16\x03\x03\x40\x00"
"""A handshake's first record, which will have 16 KB."""
GREETINGS: Mapping[str, Manner] = {
    "is silent": says(b"", then_waits=True),
    "is silent within a record": says(_RECORD, then_waits=True),
    "drips a record": drips(_RECORD, b"\x00"),
    "closes": says(b""),
    "closes within a record": says(_RECORD),
    "speaks without TLS": says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    "says that it will not": says(b"\x15\x03\x03\x00\x02\x02\x28"),
}
LINES = [f"m v={number}" for number in range(REQUESTS_AT_ONCE * LINES_AT_ONCE)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder, "localhost", "elsewhere")
    return folder


@pytest.fixture
def fake(folder: Path) -> Iterator[FakeInflux]:
    with fake_influx(tls=_as(folder, "localhost")) as fake:
        fake.place = replace(fake.place, ca_file=folder / "ca.crt")
        yield fake


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(influx_wire, "OF_A_WRITE", 1)
    monkeypatch.setattr(influx_wire, "OF_A_QUESTION", 1)


def test_batches_and_answers_go_through_the_same_few_connections(fake: FakeInflux) -> None:
    with closing(Door(fake.place)) as door:
        for _ in range(4):
            assert door.write_all_but_refused("raw", LINES) == []
        assert sorted(fake.lines["raw"]) == sorted(4 * LINES)
        assert fake.connections <= REQUESTS_AT_ONCE


def test_an_answer_that_ends_its_connection_is_read_first(fake: FakeInflux) -> None:
    fake.manner = lambda _number, _path: ENDS
    with closing(Door(fake.place)) as door:
        rows = list(door.rows("from(bucket: bucket)", {"bucket": "raw"}))
    assert [row["_value"] for row in rows] == ["7"] * 9_999


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.usefixtures("hurried")
def test_whatever_the_server_does_a_write_and_a_question_end(fake: FakeInflux, manner: str) -> None:
    fake.manner = lambda _number, _path: MANNERS[manner]
    with closing(Door(_soon(fake))) as door:
        _is_away(door)


@pytest.mark.parametrize("greeting", GREETINGS)
def test_however_it_greets_us_all_hands_are_there_when_it_is_itself_again(
    fake: FakeInflux, greeting: str
) -> None:
    fake.greeting = GREETINGS[greeting]
    with closing(Door(_soon(fake))) as door:
        _is_away(door)
        fake.greeting = None
        eventually(lambda: _is_taken(door))
    assert {*fake.lines["raw"]} == {*LINES}


def test_who_shakes_hands_and_listens_no_more_holds_nobody(fake: FakeInflux, folder: Path) -> None:
    def greet(wire: socket.socket, ended: threading.Event) -> None:
        with _as(folder, "localhost").wrap_socket(wire, server_side=True):
            ended.wait()

    more_than_sockets_hold = ["m v=1" + 20_000 * " "] * LINES_AT_ONCE
    fake.greeting = greet
    with closing(Door(_soon(fake))) as door, pytest.raises(HistoryAway, match="cannot be reached"):
        door.write_all_but_refused("raw", more_than_sockets_hold)


def test_an_authority_that_the_system_trusts_need_not_be_named(
    fake: FakeInflux, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.crt"))
    with closing(Door(replace(fake.place, ca_file=None))) as door:
        assert door.write_all_but_refused("raw", LINES) == []


@pytest.mark.parametrize(
    ("name", "is_named", "why"),
    [
        ("elsewhere", True, "Hostname mismatch"),
        ("localhost", False, "unable to get local issuer"),
    ],
)
def test_a_certificate_that_proves_nothing_is_told_nothing_and_said_to_be_why(
    folder: Path, name: str, is_named: bool, why: str
) -> None:
    """Of another host, or signed by somebody whom nobody here knows."""
    with fake_influx(tls=_as(folder, name)) as fake:
        place = replace(fake.place, ca_file=folder / "ca.crt" if is_named else None)
        with closing(Door(place)) as door:
            with pytest.raises(HistoryAway, match=f"cannot be reached: .*{why}"):
                door.write_all_but_refused("raw", LINES)
            with pytest.raises(HistoryAway, match=f"cannot be reached: .*{why}"):
                door.reach("raw")
        assert fake.requests == 0


def _as(folder: Path, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    return context


def _soon(fake: FakeInflux) -> Place:
    return replace(fake.place, timeout=timedelta(seconds=2 * SOON_S))


def _is_away(door: Door) -> None:
    with pytest.raises(HistoryAway):
        door.write_all_but_refused("raw", LINES)
    with pytest.raises(HistoryAway):
        list(door.rows("from(bucket: bucket)", {"bucket": "raw"}))


def _is_taken(door: Door) -> bool:
    try:
        return door.write_all_but_refused("raw", LINES) == []
    except HistoryAway:
        return False
