"""What the intake takes for granted of paho's insides; a paho that changed them fails here."""

from __future__ import annotations

import inspect
import select
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.patience import PATIENCE_S
from warmstation_server.intake import packets
from warmstation_server.intake.buffered import BufferedSocket
from warmstation_server.intake.packets import Incoming, Outgoing
from warmstation_server.intake.paho_parts import FIRST_OWN_MID, HotClient

CONNACK = b"\x20\x02\x00\x00"


@contextmanager
def pair() -> Iterator[tuple[HotClient, BufferedSocket, socket.socket]]:
    """A client, its own socket and the broker's, the client's CONNECT read."""
    client = HotClient("warmstation-server")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client.connect("127.0.0.1", listener.getsockname()[1])
        far, _ = listener.accept()
    wire = client.wire
    assert wire is not None, "paho no longer makes its socket in _create_socket"
    with closing(far), closing(wire):
        far.settimeout(PATIENCE_S)
        assert far.recv(1000)[4:10] == b"MQTT\x04\x00", "3.1.1, and the session is kept"
        yield client, wire, far


def read(client: HotClient, wire: BufferedSocket) -> None:
    """One turn, once something has come."""
    assert select.select([wire], [], [], PATIENCE_S)[0]
    client.read()


def test_the_names_are_still_those_of_paho() -> None:
    client = Client(CallbackAPIVersion.VERSION2)
    for name in ("_create_socket", "_packet_queue", "_in_packet", "_last_bytes_received"):
        assert hasattr(client, name), f"paho has no {name} any more: see intake/paho_parts.py"
    assert client._in_packet["command"] == 0
    assert list(inspect.signature(Client._packet_queue).parameters)[:5] == [
        "self",
        "command",
        "packet",
        "mid",
        "qos",
    ]


def test_what_is_published_has_arrived_whole_however_it_comes() -> None:
    with pair() as (client, wire, far):
        data = CONNACK + packets.publish(Outgoing("t", b"x" * 300), 7)
        for byte in data:
            far.sendall(bytes((byte,)))
            read(client, wire)
        assert client.is_connected()
        assert client.arrived == [Incoming("t", b"x" * 300, 7)]


def test_nothing_is_written_for_what_has_arrived() -> None:
    with pair() as (client, wire, far):
        far.sendall(CONNACK + packets.publish(Outgoing("t", b"hi"), 7))
        read(client, wire)
        assert not client.want_write()
        far.setblocking(False)
        with pytest.raises(BlockingIOError):
            far.recv(1)


def test_a_publish_that_is_cut_short_ends_the_connection() -> None:
    with pair() as (client, wire, far):
        far.sendall(CONNACK + b"\x32\x03\x00\x05t")
        with pytest.raises(ConnectionAbortedError, match="within its header"):
            read(client, wire)


def test_what_paho_reads_itself_may_come_in_pieces_among_what_it_does_not() -> None:
    with pair() as (client, wire, far):
        one, two = (packets.publish(Outgoing("t", b"x" * 200), mid) for mid in (7, 8))
        suback = b"\x90\x03\x00\x01\x01"
        for piece in (CONNACK + one[:2], one[2:] + suback[:3], suback[3:] + two + b"\xd0", b"\x00"):
            far.sendall(piece)
            read(client, wire)
        assert [one.mid for one in client.arrived] == [7, 8]
        assert wire.pending() == 0
        assert client.is_connected()


def test_a_message_of_qos_2_is_left_to_paho() -> None:
    with pair() as (client, wire, far):
        far.sendall(CONNACK + b"\x34\x07\x00\x01t\x00\x09hi")
        read(client, wire)
        assert client.arrived == []
        assert far.recv(10) == b"\x50\x02\x00\x09", "PUBREC: it is paho's"


def test_an_acknowledgement_of_what_paho_did_not_publish_is_read_over() -> None:
    with pair() as (client, wire, far):
        far.sendall(CONNACK + packets.pubacks([FIRST_OWN_MID, 65_535, 5]))
        read(client, wire)
        assert client.is_connected()
        assert wire.pending() == 0


def test_paho_counts_its_own_packets_below_ours() -> None:
    with pair() as (client, wire, far):
        far.sendall(CONNACK)
        read(client, wire)
        assert client.subscribe("t", 1)[1] == 1, "a new client begins at 1"


def test_whole_packets_are_never_cut_by_one_of_pahos() -> None:
    with pair() as (client, wire, far):
        far.sendall(CONNACK)
        read(client, wire)
        whole = packets.publish(Outgoing("t", b"x" * 16_000_000), FIRST_OWN_MID)
        client.send(whole)
        assert client.want_write(), "so much cannot go out at once"
        client.disconnect()
        got = bytearray()
        while data := drained(client, far):
            got += data
        assert got == whole + b"\xe0\x00"


def drained(client: HotClient, far: socket.socket) -> bytes:
    """What has come, while the client goes on writing."""
    if client.want_write():
        client.loop_write()
    return far.recv(1_000_000)
