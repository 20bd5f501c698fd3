"""The real broker of the tests starts, dies and comes back on its port."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.support.mosquitto import STATION_ACL, Mosquitto


@pytest.mark.broker
def test_broker_comes_back_on_the_same_port_after_a_kill(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, acl=STATION_ACL, users={"server": "s", "ks-a": "a"}) as broker:
        broker.kill()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((broker.host, broker.port), timeout=1.0)
        broker.forget()
        broker.start()
        socket.create_connection((broker.host, broker.port), timeout=1.0).close()
        broker.stop()
        assert "running" in broker.log()
