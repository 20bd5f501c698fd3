"""Ends a revoked station's connection at the broker.

mosquitto looks at the revocation list when a connection begins, not afterwards. Who signs for all
can take any client id over: a certificate of five minutes with the station's name takes its
session, leaves nothing of it, and goes.
"""

from __future__ import annotations

import socket
import ssl
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from warmstation_server.config import BrokerConfig
from warmstation_server.enrolment.authority import Authority, pem
from warmstation_server.enrolment.keeping import key_pem, written

_LIFE = timedelta(minutes=5)
_TIMEOUT_S = 5.0
_CONNACK = b"\x20\x02\x00\x00"
_DISCONNECT = b"\xe0\x00"


def evict(broker: BrokerConfig, authority: Authority, station_id: str, now: datetime) -> bool:
    """Whether the broker let us in under the station's name: then the station is out."""
    if broker.ca_file is None:
        return False
    context = ssl.create_default_context(cafile=broker.ca_file)
    with tempfile.TemporaryDirectory(prefix="warmstation-") as folder:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = authority.station(station_id, key.public_key(), now, _LIFE)
        held, opener = Path(folder) / "pem", Path(folder) / "key"
        written(held, pem(certificate), 0o600)
        written(opener, key_pem(key), 0o600)
        context.load_cert_chain(held, opener)
    try:
        return _took_over(broker, context, station_id)
    except OSError:
        return False


def _took_over(broker: BrokerConfig, context: ssl.SSLContext, station_id: str) -> bool:
    address = (broker.host, broker.port)
    with (
        socket.create_connection(address, timeout=_TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname=broker.host) as wire,
    ):
        wire.sendall(_connect(station_id))
        answer = wire.recv(4)
        wire.sendall(_DISCONNECT)
        return answer[:1] + answer[3:4] == _CONNACK[:1] + _CONNACK[3:4]


def _connect(station_id: str) -> bytes:
    """CONNECT of MQTT 3.1.1 with a clean session and without a will (OASIS MQTT 3.1.1, 3.1)."""
    name = station_id.encode()
    body = b"\x00\x04MQTT\x04\x02\x00\x0a" + len(name).to_bytes(2, "big") + name
    return bytes((0x10, len(body))) + body
