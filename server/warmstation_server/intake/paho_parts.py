"""paho's client, taken apart where it is hot; every use of a name private to paho is here.

paho opens and keeps the session, subscribes, pings and takes leave. What comes and goes by the
thousand passes it by, since each of these costs paho 10 to 30 µs a message:

- PUBLISH at QoS 0 and 1, and the broker's PUBACK for what was published here, are taken straight
  out of a `BufferedSocket` (`_create_socket` is where paho puts a wrapper of its own around a
  websocket), wherever paho is not in the midst of a packet (`_in_packet`); paho is told that
  somebody was heard (`_last_bytes_received`);
- many PUBACK or PUBLISH packets are one outgoing packet (`_packet_queue`).

The tests say which of these names a new paho has changed.
"""

from __future__ import annotations

import socket
import time
from ssl import SSLContext
from typing import TYPE_CHECKING

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MessageType, MQTTProtocolVersion

from warmstation_server.intake import packets
from warmstation_server.intake.buffered import BufferedSocket
from warmstation_server.intake.packets import Incoming

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike

FIRST_OWN_MID = 1024
"""Numbers of packets that `send` takes begin here; paho counts its SUBSCRIBEs from 1."""


class HotClient(Client):
    """An MQTT 3.1.1 client with a persistent session; for one thread, with an outer loop.

    `tls`: how to secure the connection; None = not at all.

    `arrived` holds what was published, until someone takes it out: `on_message` is never called.
    Nothing is acknowledged by itself.
    """

    def __init__(self, client_id: str, tls: SSLContext | None = None) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self.arrived: list[Incoming] = []
        self._tls = tls
        self._wire: BufferedSocket | None = None

    @property
    def wire(self) -> BufferedSocket | None:
        """The socket of the connection; None where there is none."""
        return None if self.socket() is None else self._wire

    def read(self) -> None:
        """Take all that has come; OSError where the connection is broken, or speaks no MQTT."""
        wire = self._wire
        if wire is None:
            return
        wire.fill()
        while wire.pending() and self.wire is not None:
            if not self._in_packet["command"]:
                wire.take(self._taken_off)
                if not wire.pending() or packets.is_frequent(wire.first()):
                    break  # the rest of it is still on its way
            self.loop_read()

    def _taken_off(self, data: bytes, at: int) -> int:
        try:
            end = packets.taken_off(data, at, self.arrived)
        except packets.Malformed as error:
            raise ConnectionAbortedError(str(error)) from None
        if end > at:
            self._last_bytes_received = time.monotonic()
        return end

    def send(self, whole: bytes) -> None:
        """Put whole packets behind what paho has still to write, and write what goes out now."""
        # Of a packet's kind paho asks only whether it is a DISCONNECT or a PUBLISH at QoS 0.
        self._packet_queue(MessageType.PUBACK, whole, mid=0, qos=1)

    def _create_socket(self) -> SocketLike:
        # Not by paho, which leaves its socket open where the TLS handshake fails.
        found = socket.create_connection((self.host, self.port), self.connect_timeout)
        try:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                found = self._tls.wrap_socket(found, server_hostname=self.host)
        except BaseException:
            found.close()
            raise
        self._wire = BufferedSocket(found)
        return self._wire
