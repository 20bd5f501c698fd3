"""One station's MQTT 5 connection, by paho. `pump` moves its bytes; `uplink` speaks to it.

`publish`, `events` and `close` may be called by any thread and only touch queues. Everything else
belongs to the pump's thread, but for `connect`, which may block and runs on one of its helpers.

Each connection has a paho client of its own: an old client would send what it had not got
acknowledged before anything else, and what goes out again is the delivery's decision.
"""

from __future__ import annotations

import itertools
import logging
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from warmstation_edge.uplink.link import Arrived, Event, Offline, Online, Published, Unheard
from warmstation_edge.uplink.pace import Backoff

_log = logging.getLogger(__name__)

KEEPALIVE_S = 60
CONNECT_TIMEOUT_S = 5.0
SESSION_S = 3600
"""Receipts and orders wait this long at the broker for a station that lost its network; after a
longer absence everything unreceipted is sent again anyway."""
MAX_PACKET_BYTES = 64 * 1024
_MAX_ARRIVED = 1000
_IN_FLIGHT = 20
"""Publishes that may lack their PUBACK, unless the broker takes fewer (Receive Maximum)."""
_MAX_HERALDS = 8
_UNWANTED = {0x85, 0x86, 0x87, 0x8A, 0x8C}
"""CONNACK: client id not valid, bad user name or password, not authorized, banned, bad method."""
_NOBODY = 0x10
_TAKEN_OVER = 0x8E
_TAKEN_OVER_S = 30.0
_GOODBYE_S = 2.0


@dataclass(frozen=True, slots=True)
class Account:
    """Where the broker is and who the station is there; user name and client id are the same.

    `tls` makes the context of a connection.
    """

    host: str
    port: int
    username: str
    password: str | None = field(default=None, repr=False)
    tls: Callable[[], ssl.SSLContext] | None = None


class PahoLink:
    """Implements Link. `will` is a topic and a payload, `hears` the topics to subscribe to.

    `spread_s`: the first connection is made within this time, at random.
    """

    def __init__(
        self,
        account: Account,
        will: tuple[str, bytes],
        hears: tuple[str, ...],
        rng: Random,
        spread_s: float = 0.0,
    ) -> None:
        self._account = account
        self._will = will
        self._hears = hears
        self._backoff = Backoff(1.0, 60.0, rng)
        self._numbers = itertools.count(1)
        self._outgoing: deque[tuple[int, str, bytes, bool]] = deque()
        self._heralds: deque[tuple[str, bytes]] = deque(maxlen=_MAX_HERALDS)
        self._events: deque[Event] = deque()
        self._handles: dict[int, int] = {}
        self._window = _IN_FLIGHT
        self._goodbye_by: float | None = None
        self._connack: ReasonCode | None = None
        self.client: Client | None = None
        self.connect_at = time.monotonic() + rng.uniform(0.0, spread_s)
        self.is_connecting = False
        self.is_closed = False
        self.is_unplugged = False
        self.wake: Callable[[PahoLink], None] = lambda link: None

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> int:
        """Queue a message; sent by the pump while there is a connection."""
        handle = next(self._numbers)
        self._outgoing.append((handle, topic, payload, retain))
        self.wake(self)
        return handle

    def herald(self, topic: str, payload: bytes) -> None:
        """As `publish`, once, ahead of what is queued; nobody says what became of it."""
        self._heralds.append((topic, payload))
        self.wake(self)

    def events(self) -> list[Event]:
        """What has happened since the last call, in order."""
        return [self._events.popleft() for _ in range(len(self._events))]

    def close(self) -> None:
        """Send what is queued and disconnect, within two seconds."""
        self._goodbye_by = time.monotonic() + _GOODBYE_S
        self.wake(self)

    def unplug(self) -> None:
        """Break the connection without a goodbye, until `plug`; what a pulled cable does."""
        self.is_unplugged = True
        self.wake(self)

    def plug(self) -> None:
        """The cable is back."""
        self.is_unplugged = False

    def drop(self) -> None:
        """Break the connection without a goodbye, for good; what a power cut does."""
        self.is_closed = True
        self.unplug()

    def connect(self) -> Client:
        """Open a connection; blocks for name look-up, TCP and TLS. OSError when it fails."""
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=self._account.username, protocol=MQTTv5
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(0)  # `flush` keeps to the broker's Receive Maximum
        client.username_pw_set(self._account.username, self._account.password)
        if self._account.tls is not None:
            client.tls_set_context(self._account.tls())
        client.will_set(*self._will, qos=1, retain=True)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_subscribe, client.on_publish = self._on_subscribe, self._on_publish
        client.on_message = self._on_message
        client.connect(
            self._account.host,
            self._account.port,
            KEEPALIVE_S,
            clean_start=False,
            properties=_connect_properties(),
        )
        return client

    def connected(self, client: Client) -> None:
        """The helper's connection is handed over to the pump's thread."""
        self.client, self.is_connecting = client, False
        self._handles.clear()
        self._outgoing.clear()
        self._heralds.clear()

    def lost(self, reason: str, is_refused: bool = False) -> None:
        """There is no connection; try again later."""
        self.client, self.is_connecting = None, False
        self.connect_at = time.monotonic() + self._backoff.next_s()
        if self._goodbye_by is not None:
            self.is_closed = True
        self._events.append(Offline(reason, is_refused))

    def abort(self, reason: str) -> None:
        """Something broke in the middle of a packet: nothing on this connection can be trusted."""
        client, self.client = self.client, None
        sock = client.socket() if client is not None else None
        if sock is not None:
            sock.close()
        self.lost(reason)

    def flush(self, now: float) -> None:
        """Give queued messages to paho, and say goodbye when that was asked for."""
        if self.is_unplugged and self.client is not None:
            self.abort("unplugged")
        client = self.client
        while client is not None and client.is_connected() and self._heralds:
            # QoS 0: no window holds it back, neither ours nor the broker's towards the server.
            client.publish(*self._heralds.popleft(), qos=0)
        while client is not None and self._may_publish(client):
            handle, topic, payload, retain = self._outgoing.popleft()
            info = client.publish(topic, payload, qos=1, retain=retain)
            self._handles[info.mid] = handle
        if self._goodbye_by is None or self.is_closed:
            return
        is_said = not self._outgoing and not self._handles
        if client is None or not client.is_connected() or is_said or now > self._goodbye_by:
            self.is_closed = True
            if client is not None:
                client.disconnect()

    def _may_publish(self, client: Client) -> bool:
        return client.is_connected() and bool(self._outgoing) and len(self._handles) < self._window

    def _on_connect(
        self,
        client: Client,
        _data: Any,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._connack = reason
            return
        self._window = min(_IN_FLIGHT, getattr(properties, "ReceiveMaximum", _IN_FLIGHT))
        options = SubscribeOptions(qos=1)
        client.subscribe([(topic, options) for topic in self._hears])

    def _on_subscribe(
        self,
        _client: Client,
        _data: Any,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._backoff.reset()
        self._events.append(Online())
        for topic, reason in zip(self._hears, reasons, strict=False):
            if reason.is_failure:
                self._events.append(Unheard(topic, str(reason)))

    def _on_publish(
        self,
        _client: Client,
        _data: Any,
        mid: int,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        handle = self._handles.pop(mid, None)
        if handle is not None:
            refusal = str(reason) if reason.is_failure else None
            self._events.append(Published(handle, refusal, reason.value == _NOBODY))

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if len(self._events) < _MAX_ARRIVED:
            self._events.append(Arrived(message.topic, bytes(message.payload)))

    def _on_disconnect(
        self,
        client: Client,
        _data: Any,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if client is not self.client:
            return
        said, self._connack = self._connack or reason, None
        self.lost(str(said), is_refused=said.value in _UNWANTED)
        if reason.value == _TAKEN_OVER:
            _log.warning("another client uses the name %s", self._account.username)
            self.connect_at += _TAKEN_OVER_S


def _connect_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no hint here
    properties.SessionExpiryInterval = SESSION_S
    properties.MaximumPacketSize = MAX_PACKET_BYTES
    return properties
