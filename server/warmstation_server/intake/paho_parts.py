"""paho's client, taken apart where it is hot; every use of a name private to paho is here.

paho opens and keeps the session, subscribes, reads, writes and takes leave. What comes and goes
by the thousand takes a shorter way, since each of these costs paho 20 to 30 µs a message:

- four `recv` a packet, which come out of a `BufferedSocket` here (`_create_socket` is where paho
  puts a wrapper of its own around a websocket);
- a PUBLISH taken apart without a lock, a condition and a callback a message (`_handle_publish`);
- the broker's PUBACK for what was not published by paho, which paho ignores after building the
  reason and the properties of an MQTT 5 that is not spoken (`_handle_pubackcomp`);
- many PUBACK or PUBLISH packets as one outgoing packet (`_packet_queue`).

The tests say which of these names a new paho has changed.
"""

from __future__ import annotations

import socket
from ssl import SSLContext
from typing import TYPE_CHECKING, Literal

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MessageType, MQTTErrorCode, MQTTProtocolVersion

from warmstation_server.intake import packets
from warmstation_server.intake.buffered import BufferedSocket
from warmstation_server.intake.packets import Incoming

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike

FIRST_OWN_MID = 1024
"""Numbers of packets that `send` takes begin here; paho counts its SUBSCRIBEs from 1."""
_QOS_2 = 0x04


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

    def _handle_publish(self) -> MQTTErrorCode:
        flags = self._in_packet["command"]
        if flags & _QOS_2:
            return super()._handle_publish()
        try:
            self.arrived.append(packets.incoming(flags, bytes(self._in_packet["packet"])))
        except packets.Malformed:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _handle_pubackcomp(self, cmd: Literal["PUBACK", "PUBCOMP"]) -> MQTTErrorCode:
        if int.from_bytes(self._in_packet["packet"], "big") >= FIRST_OWN_MID:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        return super()._handle_pubackcomp(cmd)
