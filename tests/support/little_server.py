"""The smallest server there can be: it keeps reports in a set and answers with receipts."""

from __future__ import annotations

import threading
from collections import Counter
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.patience import PATIENCE_S
from warmstation_wire import Leaf, Presence, Receipt, Report, Topic, decode
from warmstation_wire.topics import every


class LittleServer:
    """Connects as `server`; `answers` = False keeps it silent."""

    def __init__(self, port: int, answers: bool = True) -> None:
        self.answers = answers
        self.reports: Counter[tuple[str, str, int]] = Counter()
        self.by_seq: dict[tuple[str, int], Report] = {}
        self.presence: dict[str, Presence] = {}
        self.other: dict[Leaf, list[bytes]] = {Leaf.APPLIED: [], Leaf.RESULT: []}
        self._is_listening = threading.Event()
        self._port = port
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="server", clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._client.username_pw_set("server", "s")
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._is_listening.set()
        self._client.on_message = self._on_message

    def tell(self, station: str, leaf: Leaf, payload: bytes, retain: bool = False) -> None:
        """Publish to a station of Kunshan."""
        topic = str(Topic("kunshan", station, leaf))
        self._client.publish(topic, payload, qos=1, retain=retain)

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        assert self._is_listening.wait(PATIENCE_S), "the server could not subscribe"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Client, *_: Any) -> None:
        leaves = (Leaf.REPORT, Leaf.PRESENCE, Leaf.APPLIED, Leaf.RESULT)
        client.subscribe([(every(leaf), 1) for leaf in leaves])

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        topic, payload = Topic.parse(message.topic), bytes(message.payload)
        if topic.leaf is Leaf.PRESENCE:
            self.presence[topic.station] = decode(Presence, payload)
        elif topic.leaf in self.other:
            self.other[topic.leaf].append(payload)
        else:
            self._report(topic, decode(Report, payload))

    def _report(self, topic: Topic, report: Report) -> None:
        assert report.station == topic.station
        self.reports[report.station, report.stream, report.seq] += 1
        self.by_seq[report.station, report.seq] = report
        if self.answers:
            receipt = Receipt.of(report.stream, [report.seq]).to_json()
            self.tell(report.station, Leaf.RECEIPT, receipt)
