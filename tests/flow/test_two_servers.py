"""Two servers of one deployment on a real PostgreSQL: the one that decides is killed.

The ten seconds themselves are shown with an injected clock (`tests/server/test_duty.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as paho
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.flow_server import ServeProcess
from tests.support.mosquitto import Mosquitto
from tests.support.patience import PATIENCE_S, eventually
from tests.support.postgres import Postgres
from tests.support.registered import report
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.registry_file import registry_toml
from warmstation_server.duty import ALERTS, holder_of
from warmstation_server.registry import Registry
from warmstation_server.registry.imports import read

pytestmark = [pytest.mark.broker, pytest.mark.slow]
FLEET = load("kunshan").first(1)
STATION = FLEET.stations[0].id


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A registry with one station, on PostgreSQL."""
    file = tmp_path / "registry.toml"
    file.write_text(registry_toml(FLEET), "utf-8")
    with Postgres() as cluster:
        found = cluster.fresh()
        with closing(Registry.open(found)) as registry:
            assert not registry.take(read(file).rows, strict=True).refused
        yield found


def server(folder: Path, broker: Mosquitto, url: str) -> ServeProcess:
    """One more of the deployment: its own session, history and port, the same registry."""
    found = ServeProcess(folder, broker.port)
    text = found.file.read_text("utf-8")
    text = text.replace("[broker]\n", f'[broker]\nclient_id = "server-{folder.name}"\n')
    found.file.write_text(f'{text}[registry]\nurl = "{url}"\n', "utf-8")
    return found


def holder(url: str) -> str | None:
    """Which server decides on alerts, as the registry has it."""
    plain = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain) as connection:
        row = connection.execute("SELECT holder FROM duties WHERE name = %s", [ALERTS]).fetchone()
    return None if row is None else str(row[0])


def smoke(port: int) -> None:
    """The station says that there is smoke; both servers hear it."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    said = report(1, datetime.now(UTC), station=STATION, safety={"smoke": True})
    topic = f"warmstation/v1/kunshan/{STATION}/report"
    client.publish(topic, said.to_json(), qos=1).wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


def test_the_survivor_decides_and_tells_of_a_trouble_once(tmp_path: Path, url: str) -> None:
    with Mosquitto(tmp_path) as broker, closing(Registry.open(url)) as registry:
        first, second = (server(tmp_path / name, broker, url) for name in "ab")
        with first, second:
            assert holder(url) == holder_of(first.config.data_dir)
            first.kill()
            heir = holder_of(second.config.data_dir)
            eventually(lambda: holder(url) == heir)
            first.start()
            smoke(broker.port)
            eventually(registry.alerts.newest)
            assert holder(url) == heir
            assert [first.stop()[0], second.stop()[0]] == [0, 0]
        (alert,) = registry.alerts.newest()
        kinds = [one.kind for one in registry.alerts.history(alert.id)]
    assert (alert.name, kinds) == ("safety.smoke", ["firing"])
