"""SIGTERM in the middle of a flood: what was taken is committed, and it is soon over."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.flow_server import ServeProcess
from tests.support.mosquitto import Mosquitto
from tests.support.patience import PATIENCE_S, eventually
from tests.support.registered import report
from warmstation_edge.simulator.fleet import load
from warmstation_wire import Receipt, decode

pytestmark = pytest.mark.broker
REPORTS = 6_000
FLEET = load("kunshan").first(1)
STATION = FLEET.stations[0].id
START = datetime(2026, 11, 18, tzinfo=UTC)


class Flood:
    """One station that says everything at once, and hears its receipts.

    It keeps its last word until the server has been stopped, however fast that one is.
    """

    def __init__(self, port: int) -> None:
        self.receipted: set[int] = set()
        self._topic = f"warmstation/v1/kunshan/{STATION}"
        self._reports = [
            report(seq, START + timedelta(seconds=seq), station=STATION).to_json()
            for seq in range(1, REPORTS + 1)
        ]
        self.goes_on = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.max_queued_messages_set(0)
        self._client.on_message = self._heard
        self._client.connect("127.0.0.1", port)
        self._client.subscribe(f"{self._topic}/receipt", 1)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Say it all, for as long as it takes."""
        self._client.loop_start()
        says = threading.Thread(target=self._say)
        says.start()
        try:
            yield
        finally:
            self.goes_on.set()
            says.join()
            self._client.disconnect()
            self._client.loop_stop()

    def _say(self) -> None:
        *most, last = self._reports
        for payload in most:
            self._client.publish(f"{self._topic}/report", payload, qos=1)
        self.goes_on.wait()
        self._client.publish(f"{self._topic}/report", last, qos=1)

    def _heard(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        for first, last in decode(Receipt, bytes(message.payload)).bounds():
            self.receipted |= set(range(first, last + 1))


@contextmanager
def slow_readers(port: int) -> Iterator[None]:
    """Who asks for half a page, and who reads nothing of what they are sent."""
    half = b"GET / HTTP/1.1\r\nHost: x\r\n"
    with ExitStack() as held:
        for said in (half, half + b"\r\n" + half, (half + b"\r\n") * 50):
            reader = socket.create_connection(("127.0.0.1", port))
            held.callback(reader.close)
            reader.sendall(said)
        yield


def committed(server: ServeProcess) -> list[int]:
    """The numbers of all that is in the history, repeats too."""
    with server.history() as history:
        found = history.reports(STATION, START, START + timedelta(days=1))
        return sorted(one.report.seq for one in found)


@pytest.mark.parametrize("processes", [0, 2])
def test_a_flood_is_stopped_in_five_seconds_and_nothing_of_it_is_lost(
    tmp_path: Path, processes: int
) -> None:
    with Mosquitto(tmp_path) as broker:
        server = ServeProcess(tmp_path / "server", broker.port, processes=processes)
        server.register(FLEET)
        with server:
            flood = Flood(broker.port)
            with flood.running():
                eventually(lambda: flood.receipted)
                with slow_readers(server.port):
                    code, seconds = server.stop()
                assert (code, seconds < 5) == (0, True)
                assert 0 < len(flood.receipted) < REPORTS, "it was stopped in the middle"
                assert flood.receipted <= set(committed(server)), "a receipt without a commit"
                server.start()
                flood.goes_on.set()
                eventually(lambda: len(flood.receipted) == REPORTS, 5 * PATIENCE_S)
            server.stop()
            assert committed(server) == list(range(1, REPORTS + 1))
