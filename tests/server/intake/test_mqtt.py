"""The intake's connection, against a broker that follows a script."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from tests.support.clocks import FakeClock
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from warmstation_server.config import BrokerConfig
from warmstation_server.intake import Message, packets
from warmstation_server.intake.connection import MAX_UNSENT_BYTES
from warmstation_server.intake.mqtt import FILTERS, MqttIntake
from warmstation_server.intake.packets import Outgoing

CONNECT, PUBLISH, PUBACK, SUBSCRIBE, DISCONNECT = 1, 3, 4, 8, 14
MARKER = Outgoing("marker", b"")


class Peer:
    """The broker's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.settimeout(PATIENCE_S)
        self._stream = connection.makefile("rb")

    def packet(self) -> tuple[int, bytes]:
        """The next packet: kind and body."""
        first = self._stream.read(1)
        assert first, "the intake closed the connection"
        length = shift = 0
        while (byte := self._stream.read(1)[0]) & 0x80:
            length, shift = length | (byte & 0x7F) << shift, shift + 7
        return first[0] >> 4, self._stream.read(length | byte << shift)

    def accept(self, code: int = 0) -> None:
        """Answer CONNECT and SUBSCRIBE."""
        assert self.packet()[0] == CONNECT
        self.send(bytes((0x20, 2, 0, code)))
        if code == 0:
            kind, body = self.packet()
            assert (kind, body.count(b"warmstation/v1/+/+/")) == (SUBSCRIBE, len(FILTERS))
            self.send(b"\x90\x06" + body[:2] + b"\x01" * len(FILTERS))

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def acknowledged(self) -> list[int]:
        """The numbers of all PUBACKs before the marker."""
        mids = []
        while (packet := self.packet())[0] == PUBACK:
            mids.append(int.from_bytes(packet[1], "big"))
        assert packet[1].startswith(b"\x00\x06marker")
        return mids

    def close(self) -> None:
        self._stream.close()
        self._connection.close()


class ScriptedBroker:
    """Accepts one connection after the other."""

    def __init__(self) -> None:
        self.port = free_port()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(PATIENCE_S)

    def connection(self) -> Peer:
        return Peer(self._listener.accept()[0])

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def broker() -> Iterator[ScriptedBroker]:
    with closing(ScriptedBroker()) as found:
        yield found


@pytest.fixture
def intake(broker: ScriptedBroker) -> Iterator[MqttIntake]:
    with closing(MqttIntake(BrokerConfig(port=broker.port), 100, FakeClock())) as found:
        found.start()
        yield found


def taken(intake: MqttIntake) -> list[Message]:
    return intake.take(10, timedelta(seconds=PATIENCE_S))


def test_a_message_is_acknowledged_when_told_and_not_before(
    broker: ScriptedBroker, intake: MqttIntake
) -> None:
    with closing(broker.connection()) as peer:
        peer.accept()
        peer.send(packets.publish(Outgoing("t", b"hi"), 7))
        messages = taken(intake)
        assert [(one.topic, one.payload) for one in messages] == [("t", b"hi")]
        assert intake.publish([MARKER])
        assert peer.acknowledged() == []
        intake.acknowledge(messages)
        assert intake.publish([MARKER])
        assert peer.acknowledged() == [7]


def test_a_number_of_an_older_connection_is_never_acknowledged_on_a_newer_one(
    broker: ScriptedBroker, intake: MqttIntake
) -> None:
    with closing(broker.connection()) as peer:
        peer.accept()
        peer.send(packets.publish(Outgoing("t", b"old"), 7))
        old = taken(intake)
    with closing(broker.connection()) as peer:
        peer.accept()
        peer.send(packets.publish(Outgoing("t", b"new"), 7))
        new = taken(intake)
        intake.acknowledge(old)
        assert intake.publish([MARKER])
        assert peer.acknowledged() == []
        intake.acknowledge(new)
        assert intake.publish([MARKER])
        assert peer.acknowledged() == [7]


def test_a_message_of_qos_0_is_taken_and_not_acknowledged(
    broker: ScriptedBroker, intake: MqttIntake
) -> None:
    with closing(broker.connection()) as peer:
        peer.accept()
        peer.send(b"\x30\x05\x00\x01thi")
        intake.acknowledge(taken(intake))
        assert intake.publish([MARKER])
        assert peer.acknowledged() == []


def test_a_broker_that_refuses_is_asked_again_and_told_of_once(
    broker: ScriptedBroker, intake: MqttIntake, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        with closing(broker.connection()) as peer:
            peer.accept(code=5)
    with closing(broker.connection()) as peer:
        peer.accept()
    refusals = [one for one in caplog.messages if "it refuses: Not authorized" in one]
    assert len(refusals) == 1


def test_while_too_much_waits_only_what_is_retained_is_refused(
    broker: ScriptedBroker, intake: MqttIntake
) -> None:
    with closing(broker.connection()) as peer:
        peer.accept()
        peer.send(packets.publish(Outgoing("t", b"hi"), 7))
        messages = taken(intake)
        status = Outgoing("status", bytes(2**20), retain=True)
        for _ in range(MAX_UNSENT_BYTES // 2**20 + 64):  # more than the system takes by itself
            if not intake.publish([status]):
                break
        assert not intake.publish([status])
        assert intake.publish([Outgoing("receipt", b"")])
        intake.acknowledge(messages)
        assert intake.publish([MARKER])
        kinds = []
        while (packet := peer.packet())[1][:8] != b"\x00\x06marker":
            kinds.append(packet[0])
        assert kinds[-2:] == [PUBLISH, PUBACK], "the receipt, then that it need not come again"


def test_nothing_is_published_without_a_connection(intake: MqttIntake) -> None:
    assert not intake.publish([MARKER])


def test_what_was_acknowledged_last_is_sent_before_the_farewell(
    broker: ScriptedBroker, intake: MqttIntake
) -> None:
    with closing(broker.connection()) as peer:
        peer.accept()
        peer.send(packets.publish(Outgoing("t", b"hi"), 7))
        intake.acknowledge(taken(intake))
        intake.close()
        assert [peer.packet()[0] for _ in range(2)] == [PUBACK, DISCONNECT]


def test_the_intake_ends_without_its_broker() -> None:
    intake = MqttIntake(BrokerConfig(port=free_port()), 100, FakeClock())
    intake.start()
    intake.close()
    assert not intake.is_connected
