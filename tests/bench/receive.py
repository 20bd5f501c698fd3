"""CPU of the network thread for a report: from the socket to the inbox, acknowledgement, receipt.

A broker of a few lines sends as fast as it is read, and answers each receipt with its PUBACK.
"""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta

from tests.bench import yardstick
from tests.bench.stages import report_message
from warmstation_server.clock import SystemClock
from warmstation_server.config import BrokerConfig
from warmstation_server.intake import Message, packets
from warmstation_server.intake.mqtt import FILTERS, MqttIntake
from warmstation_server.intake.packets import Incoming, Outgoing

_COUNT, _AT_ONCE, _BATCH = 20_000, 60, 1_500
_RECEIPT = b'{"v":1,"stream":"be9c4001","seqs":["1"]}'


def measure() -> dict[str, float]:
    """The least of three, and what pydantic needs to read one report."""
    said = [report_message(number) for number in range(_COUNT)]
    wire = [packets.publish(Outgoing(one.topic, one.payload), one.mid) for one in said]
    found = []
    for _ in range(3):
        unit = yardstick.measure()["yardstick_validate_us"]
        found.append((_network_us(wire), unit))
    spent, unit = min(found, key=lambda one: one[0] / one[1])
    return {
        "receive_cpu_us": round(spent, 1),
        "receive_yardstick_us": unit,
        "receive_yardsticks": round(spent / unit, 2),
    }


def _network_us(wire: list[bytes]) -> float:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        intake = MqttIntake(BrokerConfig(port=listener.getsockname()[1]), len(wire), SystemClock())
        intake.start()
        peer, _ = listener.accept()
    with peer:
        broker = _Broker(peer, wire)
        clock = time.pthread_getcpuclockid(_network_thread())
        before = time.clock_gettime(clock)
        broker.start()
        _deal_with(intake, len(wire))
        broker.answered.wait(60)
        spent = time.clock_gettime(clock) - before
        intake.close()
    return spent / len(wire) * 1e6


def _network_thread() -> int:
    found = [one.ident for one in threading.enumerate() if one.name == "intake"]
    return next(ident for ident in found if ident is not None)


def _deal_with(intake: MqttIntake, count: int) -> None:
    """As the pipeline does, without reading anything."""
    while count > 0:
        messages: list[Message] = intake.take(_BATCH, timedelta(seconds=1))
        receipts = [one.topic.replace("/report", "/receipt") for one in messages]
        intake.publish([Outgoing(topic, _RECEIPT) for topic in receipts])
        intake.acknowledge(messages)
        count -= len(messages)


class _Broker:
    """Greets, sends everything, and answers what is published."""

    def __init__(self, peer: socket.socket, wire: list[bytes]) -> None:
        self._peer, self._wire = peer, wire
        self._sending = threading.Lock()
        self.answered = threading.Event()
        peer.recv(4096)
        peer.sendall(b"\x20\x02\x00\x00")
        asked = peer.recv(4096)  # SUBSCRIBE: two bytes of length before its number
        codes = b"\x01" * len(FILTERS)
        peer.sendall(b"\x90%c%b%b" % (2 + len(codes), asked[3:5], codes))

    def start(self) -> None:
        """In two threads."""
        for work in (self._send, self._answer):
            threading.Thread(target=work, daemon=True).start()

    def _send(self) -> None:
        for at in range(0, len(self._wire), _AT_ONCE):
            with self._sending:
                self._peer.sendall(b"".join(self._wire[at : at + _AT_ONCE]))

    def _answer(self) -> None:
        rest, count = b"", 0
        while count < len(self._wire) and (data := self._peer.recv(2**18)):
            rest += data
            found: list[Incoming] = []
            rest = rest[packets.taken_off(rest, 0, found) :]
            count += len(found)
            with self._sending:
                self._peer.sendall(packets.pubacks([one.mid for one in found]))
        self.answered.set()
