"""Anyone's MQTT client is as good as an agent: reports typed by hand, good ones and bad ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.flow_server import ServeProcess, command
from tests.support.mosquitto import Mosquitto
from tests.support.patience import PATIENCE_S, eventually
from warmstation_edge.simulator.fleet import load

pytestmark = pytest.mark.broker
PROMISED_S = 2.0
"""Asserted on a machine that may be busy with other things; what was promised is printed."""
MOSQUITTO_PUB = shutil.which("mosquitto_pub")


@dataclass(frozen=True, slots=True)
class Town:
    """A broker and a server that knows the first stations of Xifeng."""

    broker: Mosquitto
    server: ServeProcess

    def letters(self) -> list[dict[str, Any]]:
        """What `warmstation dead-letters --json` prints, the newest first."""
        ended = command("dead-letters", "--json", "--config", str(self.server.file))
        assert ended.returncode == 0, ended.stderr
        found: list[dict[str, Any]] = json.loads(ended.stdout)["letters"]
        return found

    def has_refused(self, reason: str) -> bool:
        """Whether the server has counted a refusal for this reason."""
        return f'outcome="{reason}"'.encode() in self.server.fetch("/metrics")[1]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with Mosquitto(folder) as broker:
        server = ServeProcess(folder / "server", broker.port)
        server.register(load("xifeng").first(3))
        with server:
            yield Town(broker, server)


def typed(station: str, **changes: object) -> dict[str, object]:
    """What a person types."""
    written: dict[str, object] = {
        "v": 1,
        "station": station,
        "stream": "0ff1ce",
        "seq": 1,
        "measured_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "clock": "synced",
        "climate": {"room_c": 21.7},
        "people": {"inside": 5},
    }
    return written | changes


def topic(station: str) -> str:
    return f"warmstation/v1/xifeng/{station}/report"


def by_mosquitto_pub(port: int, where: str, what: str) -> None:
    """The command that every broker's manual names."""
    assert MOSQUITTO_PUB is not None
    line = [MOSQUITTO_PUB, "-p", str(port), "-q", "1", "-t", where, "-m", what]
    subprocess.run(line, check=True, timeout=PATIENCE_S)


def by_paho(port: int, where: str, what: str) -> None:
    """A few lines of anybody's Python."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.publish(where, what, qos=1).wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


@pytest.mark.parametrize(
    ("publish", "number"),
    [
        pytest.param(by_paho, 0, id="paho"),
        pytest.param(
            by_mosquitto_pub,
            1,
            id="mosquitto_pub",
            marks=pytest.mark.skipif(
                MOSQUITTO_PUB is None, reason="mosquitto_pub (mosquitto-clients) is not installed"
            ),
        ),
    ],
)
def test_a_report_typed_by_hand_is_on_feed_and_page_at_once(
    town: Town, publish: Callable[[int, str, str], None], number: int
) -> None:
    station = load("xifeng").stations[number].id
    assert town.server.status_of(station)["data_state"] == "never"
    publish(town.broker.port, topic(station), json.dumps(typed(station)))
    began = time.monotonic()
    eventually(lambda: town.server.status_of(station)["data_state"] == "live", PATIENCE_S)
    in_feed_s = time.monotonic() - began
    assert town.server.status_of(station)["indoor_temperature_c"] == 21.7
    assert town.server.status_of(station)["num_people"] == 5
    eventually(lambda: "21.7" in page(town, station), PATIENCE_S)
    on_page_s = time.monotonic() - began
    print(f"in the feed after {in_feed_s:.2f} s, on the page after {on_page_s:.2f} s")
    print(f"(promised: {PROMISED_S} s)")


def page(town: Town, station: str) -> str:
    code, body = town.server.fetch(f"/stations/{station}?lang=en")
    assert code == 200
    return body.decode()


def test_a_bad_report_and_a_strangers_are_dead_letters_with_their_reasons(town: Town) -> None:
    here = "xf-beidajie"
    bad = {
        "not_json": (here, '{"v":1,'),
        "wrong_type": (here, json.dumps(typed(here, seq="one"))),
        "out_of_range": (here, json.dumps(typed(here, climate={"room_c": 999}))),
        "station_mismatch": (here, json.dumps(typed("xf-nobody"))),
        "unknown_station": ("xf-nowhere", json.dumps(typed("xf-nowhere"))),
    }
    for where, written in bad.values():
        by_paho(town.broker.port, topic(where), written)
    eventually(lambda: all(town.has_refused(reason) for reason in bad), PATIENCE_S)
    letters = town.letters()
    assert all(letter["detail"] for letter in letters)
    found = {letter["reason"]: (letter["topic"], letter["payload"]) for letter in letters}
    assert found == {reason: (topic(where), written) for reason, (where, written) in bad.items()}
