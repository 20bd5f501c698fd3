"""Hears every report that the broker takes, whoever else does: what was really on the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.flow_city import Key
from warmstation_wire import Leaf, Report, decode
from warmstation_wire.topics import every


class Spy:
    """`heard` counts deliveries by report."""

    def __init__(self) -> None:
        self.heard: Counter[Key] = Counter()

    def on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        """A report passed through the broker."""
        report = decode(Report, bytes(message.payload))
        self.heard[report.station, report.stream, report.seq] += 1


@contextmanager
def spy(port: int) -> Iterator[Spy]:
    """A spy that finds the broker again by itself."""
    found = Spy()
    client = Client(CallbackAPIVersion.VERSION2, client_id="spy")
    client.reconnect_delay_set(1, 1)
    client.on_connect = lambda client, *_: client.subscribe(every(Leaf.REPORT), 0)
    client.on_message = found.on_message
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        yield found
    finally:
        client.disconnect()
        client.loop_stop()
