"""Tries the broker once, as the server would greet it. For `check-config --connect`.

The session is the server's own (a broker may take the user name for the client id), so this is for
a server that stands still: nothing is acknowledged, and what waits in the session stays there.
"""

from __future__ import annotations

import socket
import ssl
import time

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from warmstation_server.config import BrokerConfig
from warmstation_server.errors import BrokerAway

_PATIENCE_S = 5.0


def greet(broker: BrokerConfig) -> None:
    """Connect, be let in, go; BrokerAway with the reason where not."""
    answers: list[str] = []
    client = paho.Client(
        CallbackAPIVersion.VERSION2, broker.client_id, clean_session=False, manual_ack=True
    )
    client.on_connect = lambda _c, _d, _f, reason, _p: answers.append(str(reason))
    client.connect_timeout = _PATIENCE_S
    where = f"broker {broker.host}:{broker.port}"
    try:
        if broker.ca_file is not None:
            client.tls_set_context(context(broker))
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password_text())
        client.connect(broker.host, broker.port)
        deadline = time.monotonic() + _PATIENCE_S
        while not answers and client.loop(0.2) == paho.MQTT_ERR_SUCCESS:
            if time.monotonic() > deadline:
                raise BrokerAway(f"{where}: does not answer")
    except OSError as error:
        raise BrokerAway(f"{where}: {error.strerror or error}") from None
    finally:
        client.disconnect()
    if answers != ["Success"]:
        raise BrokerAway(f"{where}: {answers[0] if answers else 'ended the connection'}")


def knock(broker: BrokerConfig) -> None:
    """Only see that somebody listens there, and who: for while the server itself is connected."""
    try:
        with socket.create_connection((broker.host, broker.port), _PATIENCE_S) as plain:
            if broker.ca_file is not None:
                context(broker).wrap_socket(plain, server_hostname=broker.host).close()
    except OSError as error:
        where = f"broker {broker.host}:{broker.port}"
        raise BrokerAway(f"{where}: {error.strerror or error}") from None


def context(broker: BrokerConfig) -> ssl.SSLContext:
    """TLS as the server speaks it; OSError where a file does not fit."""
    found = ssl.create_default_context(cafile=broker.ca_file)
    if broker.cert_file is not None:
        found.load_cert_chain(broker.cert_file, broker.key_file)
    return found
