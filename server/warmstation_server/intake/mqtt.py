"""The broker's side of the server: paho, MQTT 3.1.1, one persistent session, one connection.

3.1.1 is enough here and cheaper than 5. The network thread only enqueues; a message is
acknowledged after it was dealt with. Receipts and statuses leave by the same connection: a
broker that takes the user name for the client id allows only one.

What is published is not repeated after a reconnection: stations ask again for a receipt, and
statuses are sent anew. So each connection has a paho client of its own, which remembers nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from warmstation_server.clock import Clock
from warmstation_server.config import BrokerConfig
from warmstation_server.intake import Message, packets
from warmstation_server.intake.connection import Connection
from warmstation_server.intake.inflow import Inflow
from warmstation_server.intake.packets import Incoming, Outgoing
from warmstation_server.intake.paho_parts import FIRST_OWN_MID, HotClient
from warmstation_server.intake.trial import context
from warmstation_wire import Leaf
from warmstation_wire.topics import every

log = logging.getLogger(__name__)

_LEAVES = (Leaf.REPORT, Leaf.PRESENCE, Leaf.APPLIED, Leaf.RESULT)
FILTERS = tuple(every(leaf) for leaf in _LEAVES)
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 15.0
CONNECT_TIMEOUT_S = 5.0
_LAST_MID = 65_535
_new = tuple.__new__
"""Half of what calling a NamedTuple costs."""


def filters(districts: Sequence[str]) -> Sequence[str]:
    """What a server subscribes to that hears these alone, or all."""
    return [every(leaf, one) for one in districts for leaf in _LEAVES] or FILTERS


class MqttIntake(Inflow):
    """An Intake over MQTT. Starts, and survives, without its broker."""

    def __init__(self, broker: BrokerConfig, queue: int, clock: Clock) -> None:
        super().__init__(queue)
        self._broker = broker
        self._password = broker.password_text()
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._session = 0
        self._last_mid = FIRST_OWN_MID

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """PUBACK, where the connection that brought the message still stands.

        A message number belongs to its connection: on a later one the same number means another
        message. The broker brings the unacknowledged ones again.
        """
        with self._lock:
            mids = [one.mid for one in messages if one.mid and one.session == self._session]
            if mids and self._connection is not None:
                # However much waits: the broker brings nothing more until it has read these.
                self._connection.send(packets.pubacks(mids))

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        """Send all at QoS 1; False, and none, without a connection.

        What is retained is refused as well while too much of it waits.
        """
        with self._lock:
            if not self._is_connected or self._connection is None:
                return False
            if any(one.retain for one in messages) and self._connection.is_full:
                return False
            data = b"".join(packets.publish(message, self._next_mid()) for message in messages)
            return self._connection.send(data)

    def _take_leave(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.end()

    def _run(self) -> None:
        retry_s, told = FIRST_RETRY_S, ""
        while not self._stopping.is_set():
            before = self._connections
            try:
                self._one_session()
            except Exception as error:
                if self._connections > before:
                    retry_s, told = FIRST_RETRY_S, ""
                if str(error) != told:
                    told = str(error)
                    # More than a line where it is not the network but a mistake, here or in paho.
                    trace = None if isinstance(error, OSError) else error
                    log.warning("broker %s: %s", self._where(), error, exc_info=trace)
                self._stopping.wait(retry_s)
                retry_s = min(retry_s * 2, LAST_RETRY_S)

    def _one_session(self) -> None:
        wanted = filters(self._broker.districts)
        # The session remembers what it was subscribed to before a district was named.
        unwanted = [one for one in FILTERS if one not in wanted]
        connection = Connection(self._new_client(), wanted, self._greeted, unwanted)
        with self._lock:
            self._session += 1
            self._connection = connection
            if self._stopping.is_set():
                connection.end()
        broker = self._broker
        try:
            connection.run(broker.host, broker.port, broker.keepalive_s, self._received)
        finally:
            with self._lock:
                # From here on, acknowledging what this session brought does nothing.
                self._session += 1
                self._connection, self._is_connected = None, False
            connection.close()

    def _new_client(self) -> HotClient:
        broker = self._broker
        client = HotClient(broker.client_id, context(broker) if broker.ca_file else None)
        client.connect_timeout = CONNECT_TIMEOUT_S
        if broker.username is not None:
            client.username_pw_set(broker.username, self._password)
        return client

    def _received(self, arrived: list[Incoming]) -> None:
        now, session = self._clock.now(), self._session
        self._inbox.put(
            [
                _new(Message, (topic, payload, now, session, mid, None))
                for topic, payload, mid in arrived
            ]
        )

    def _greeted(self, session_kept: bool) -> None:
        with self._lock:
            self._connections += 1
            self._is_connected = True
        log.info("connected to broker %s, session kept: %s", self._where(), session_kept)

    def _next_mid(self) -> int:
        self._last_mid = FIRST_OWN_MID if self._last_mid == _LAST_MID else self._last_mid + 1
        return self._last_mid

    def _where(self) -> str:
        return f"{self._broker.host}:{self._broker.port}"
