"""A country is its cities: two deployments beside one broker, each with districts of its own.

One is killed while reports come: each report is in its own city's history once and in order, has
its receipt, and is nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.flow_server import ServeProcess
from tests.support.mosquitto import Mosquitto
from tests.support.patience import eventually
from tests.support.registered import report
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.plan import Fleet
from warmstation_server.dead_letters import DeadLetters
from warmstation_wire import Receipt, decode

pytestmark = [pytest.mark.broker, pytest.mark.slow]
CITIES = {name: load(name).first(3) for name in ("kunshan", "xifeng")}
HALF = 60
Heard = Counter[tuple[str, int]]


def server(folder: Path, broker: Mosquitto, name: str) -> ServeProcess:
    """A city's own: its data directory, port, session and registry, and its district alone."""
    found = ServeProcess(folder / name, broker.port)
    text = found.file.read_text("utf-8")
    own = f'[broker]\nclient_id = "server-{name}"\ndistricts = ["{name}"]\n'
    found.file.write_text(text.replace("[broker]\n", own), "utf-8")
    found.register(CITIES[name])
    return found


@contextmanager
def stations(port: int, heard: Heard) -> Iterator[paho.Client]:
    """All stations of both cities, on one connection; what was receipted is counted."""

    def receipted(_client: object, _data: object, message: paho.MQTTMessage) -> None:
        station = message.topic.split("/")[3]
        for first, last in decode(Receipt, bytes(message.payload)).bounds():
            heard.update((station, seq) for seq in range(first, last + 1))

    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(0)
    client.on_message = receipted
    client.connect("127.0.0.1", port)
    client.subscribe("warmstation/v1/+/+/receipt", 1)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def say(client: paho.Client, first: int, last: int) -> None:
    """Everybody's reports with these numbers, in turn."""
    began = datetime.now(UTC)
    for seq in range(first, last + 1):
        at = began + timedelta(milliseconds=seq)
        for name, fleet in CITIES.items():
            for plan in fleet.stations:
                topic = f"warmstation/v1/{name}/{plan.id}/report"
                client.publish(topic, report(seq, at, station=plan.id).to_json(), qos=1)


def refused(server: ServeProcess) -> dict[str, int]:
    """How many messages it would not take, by reason."""
    with closing(DeadLetters.open(server.config.dead_letters_path)) as letters:
        return letters.counts()


def everything(fleets: list[Fleet], last: int) -> set[tuple[str, int]]:
    return {
        (one.id, seq) for fleet in fleets for one in fleet.stations for seq in range(1, last + 1)
    }


def test_each_city_stores_its_own_reports_once_and_in_order_also_when_one_is_killed(
    tmp_path: Path,
) -> None:
    heard: Heard = Counter()
    with Mosquitto(tmp_path) as broker:
        servers = {name: server(tmp_path, broker, name) for name in CITIES}
        one, other = servers.values()
        with one, other, stations(broker.port, heard) as client:
            say(client, 1, HALF)
            one.kill()
            say(client, HALF + 1, 2 * HALF)
            rest = everything([CITIES["xifeng"]], 2 * HALF)
            eventually(lambda: rest <= heard.keys())  # the other goes on
            one.start()
            eventually(lambda: everything([*CITIES.values()], 2 * HALF) <= heard.keys())
            for found in servers.values():
                assert found.stop()[0] == 0
    for name, found in servers.items():
        with found.history() as history:
            began, ended = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)
            kept = {
                one.station: [each.seq for each in history.reports(one.station, began, ended)]
                for one in history.latest()
            }
        wanted = list(range(1, 2 * HALF + 1))
        assert refused(found) == {}  # nothing of the other city ever came
        assert kept == {plan.id: wanted for plan in CITIES[name].stations}
