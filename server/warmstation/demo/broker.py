"""The demo's broker: mosquitto where it is installed, else the one that pip brought along."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warmstation.errors import DemoError
from warmstation_server.intake.mosquitto import MosquittoConf

_EMBEDDED = """\
id = 0
[router]
id = 0
max_connections = 2000
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10

[v4.1]
name = "v4"
listen = "127.0.0.1:{server_port}"
next_connection_delay_ms = 1
[v4.1.connections]
connection_timeout_ms = 60000
max_payload_size = 20480
max_inflight_count = 200
dynamic_filters = true

[v5.1]
name = "v5"
listen = "127.0.0.1:{station_port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 20480
max_inflight_count = 200
"""


@dataclass(frozen=True, slots=True)
class DemoBroker:
    """How to start it, and where MQTT 3.1.1 (server, anyone) and MQTT 5 (stations) go."""

    name: str
    command: Sequence[str]
    server_port: int
    station_port: int


def choose(port: int, directory: Path, mosquitto: str | None) -> DemoBroker:
    """Mosquitto by its path, else the embedded broker; DemoError where there is neither."""
    if mosquitto is not None:
        return _mosquitto(port, directory, mosquitto)
    if importlib.util.find_spec("iotcore") is None:
        raise DemoError("no broker: install mosquitto, or pip install 'warmstation[demo]'")
    return _embedded(port, directory)


def installed_mosquitto() -> str | None:
    """Debian puts it where only root's PATH looks."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def _mosquitto(port: int, directory: Path, program: str) -> DemoBroker:
    directory.mkdir(parents=True, exist_ok=True)
    conf = directory / "mosquitto.conf"
    # Started by root, mosquitto drops to its own user, who may not write here.
    text = MosquittoConf(port, directory).text() + "user root\n"
    conf.write_text(text, encoding="utf-8")
    return DemoBroker("mosquitto", [program, "-c", str(conf)], port, port)


def _embedded(port: int, directory: Path) -> DemoBroker:
    """Its MQTT 5 needs a port of its own; any free one does, stations are told."""
    directory.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        station_port: int = probe.getsockname()[1]
    conf = directory / "embedded.toml"
    conf.write_text(_EMBEDDED.format(server_port=port, station_port=station_port), "utf-8")
    command = [sys.executable, "-m", "iotcore", "--config", str(conf)]
    return DemoBroker("embedded", command, port, station_port)
