"""The broker's side of the server: one paho client, MQTT 3.1.1, one persistent session.

3.1.1 costs half of paho's MQTT 5 a message. The network thread only enqueues; a message is
acknowledged after it was dealt with. Receipts and statuses leave by the same connection: a
broker that takes the user name for the client id allows only one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from warmstation_server.clock import Clock
from warmstation_server.config import BrokerConfig
from warmstation_server.intake import Message
from warmstation_server.intake.inbox import Inbox
from warmstation_wire import Leaf
from warmstation_wire.topics import every

log = logging.getLogger(__name__)

FILTERS = tuple(
    (every(leaf), 1) for leaf in (Leaf.REPORT, Leaf.PRESENCE, Leaf.APPLIED, Leaf.RESULT)
)
MAX_OUTGOING = 50_000
"""Publishes on their way at most; more are refused (a receipt is asked for again)."""


class MqttIntake:
    """A Transport over MQTT that also publishes. Starts, and survives, without its broker."""

    def __init__(self, broker: BrokerConfig, queue: int, clock: Clock) -> None:
        self._broker = broker
        self._inbox = Inbox(queue)
        self._clock = clock
        self._lock = threading.Lock()
        self._session = 0
        self._connections = 0
        self._client = self._new_client()

    def start(self) -> None:
        """Begin to connect, in the background and for as long as it takes."""
        broker = self._broker
        self._client.connect_async(broker.host, broker.port, broker.keepalive_s)
        self._client.loop_start()

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        """Up to `limit` waiting messages; waits at most `timeout` for the first of them."""
        return self._inbox.take(limit, timeout)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """PUBACK, where the connection that brought the message still stands.

        A message number belongs to its connection: on a later one the same number means another
        message. The broker brings the unacknowledged ones again.
        """
        with self._lock:
            for message in messages:
                if message.mid and message.session == self._session:
                    self._client.ack(message.mid, 1)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Send at QoS 1; False where there is no connection or too much is on its way."""
        if not self._client.is_connected():
            return False
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        return sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    @property
    def connections(self) -> int:
        """How often a broker was reached; a change means that it may have forgotten things."""
        return self._connections

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there now."""
        return self._client.is_connected()

    @property
    def waiting(self) -> int:
        """Messages in the inbox."""
        return len(self._inbox)

    def close(self, timeout: timedelta = timedelta(seconds=2)) -> None:
        """Send what is on its way, disconnect, end the network thread; at most `timeout`."""
        self._inbox.close()
        self._client.disconnect()
        # A broker that reads nothing would keep paho's own loop_stop waiting without end.
        ending = threading.Thread(target=self._client.loop_stop, daemon=True)
        ending.start()
        ending.join(timeout.total_seconds())

    def _new_client(self) -> paho.Client:
        broker = self._broker
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        client.reconnect_delay_set(min_delay=1, max_delay=30)
        client.max_inflight_messages_set(0)
        client.max_queued_messages_set(MAX_OUTGOING)
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password())
        if broker.ca_file is not None:
            client.tls_set(_text(broker.ca_file), _text(broker.cert_file), _text(broker.key_file))
        client.on_connect = self._on_connect
        client.on_pre_connect = self._on_new_session
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "(not UTF-8)"
        mid = message.mid if message.qos else 0
        self._inbox.put(
            Message(topic, bytes(message.payload), self._clock.now(), self._session, mid)
        )

    def _on_connect(
        self, client: paho.Client, _data: Any, flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            log.error("broker %s refused the connection: %s", self._where(), reason)
            return
        log.info("connected to %s, session kept: %s", self._where(), flags.session_present)
        client.subscribe(list(FILTERS))
        self._connections += 1

    def _on_subscribe(
        self, _client: paho.Client, _data: Any, _mid: int, reasons: Any, _properties: Any
    ) -> None:
        for (topic, _), reason in zip(FILTERS, reasons, strict=False):
            if reason.is_failure:
                log.error("broker %s refused the subscription to %s", self._where(), topic)

    def _on_disconnect(
        self, client: paho.Client, data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        self._on_new_session(client, data)
        if reason.is_failure:
            log.warning("lost broker %s: %s", self._where(), reason)

    def _on_new_session(self, _client: paho.Client, _data: Any) -> None:
        with self._lock:
            self._session += 1

    def _where(self) -> str:
        return f"{self._broker.host}:{self._broker.port}"


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
