from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from jinja2 import Environment
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.clocks import FakeClock
from tests.support.mosquitto import Mosquitto
from tests.support.patience import eventually
from tests.support.places import station
from warmstation_server.config import BrokerConfig
from warmstation_server.intake.mosquitto import acl
from warmstation_server.intake.mqtt import MqttIntake
from warmstation_server.intake.packets import Outgoing
from warmstation_server.publish.home_assistant import Discovery, device
from warmstation_wire import ChargerCount, StationStatus, SupplyStatus

TOPIC = "homeassistant/device/warmstation-kunshan-ks-songnan/config"
STATUS = "warmstation/v1/kunshan/ks-songnan/status"
STATIONS = {"ks-songnan": station()}
BASE = "https://stations.example.org"

DISCOVERY_TOPIC = re.compile(r"homeassistant/device/[a-zA-Z0-9_-]+/config")
"""As Home Assistant's discovery.py matches the part behind its prefix."""
DEVICE_KEYS = {
    "identifiers", "connections", "manufacturer", "model", "model_id", "name", "hw_version",
    "serial_number", "sw_version", "via_device", "suggested_area", "configuration_url",
}  # fmt: skip
ORIGIN_KEYS = {"name", "sw_version", "support_url"}
TOP_KEYS = {
    "device", "origin", "components", "availability", "availability_mode", "availability_topic",
    "availability_template", "payload_available", "payload_not_available", "state_topic",
    "command_topic", "qos", "encoding",
}  # fmt: skip
ENTITY_KEYS = {
    "platform", "unique_id", "name", "icon", "state_topic", "value_template", "expire_after",
    "device_class", "entity_category", "unit_of_measurement", "state_class", "options",
}  # fmt: skip
"""Keys as in components/mqtt/schemas.py, sensor.py and binary_sensor.py of Home Assistant."""


@dataclass
class Broker:
    """Keeps what it is handed; `is_deaf` takes nothing."""

    connections: int = 1
    is_deaf: bool = False
    sent: list[Outgoing] = field(default_factory=list)

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        """Take them all or nothing."""
        if not self.is_deaf:
            self.sent += messages
        return not self.is_deaf


def discovery(broker: Any, folder: Path, language: str | None = "en") -> Discovery:
    return Discovery(broker, folder / "topics", BASE, language, "homeassistant")


def status(**values: Any) -> dict[str, Any]:
    whole = StationStatus(
        station_id="ks-songnan",
        data_state="live",
        occupancy_status="no_data_available",
        heating_state="unknown",
    )
    found: dict[str, Any] = json.loads(whole.model_copy(update=values).to_json())
    return found


def shown(status: Mapping[str, Any]) -> dict[str, str]:
    """What each entity would read of a status."""
    jinja, found = Environment(), device(station(), BASE, "en")["components"]
    return {
        key: jinja.from_string(one["value_template"]).render(value_json=status)
        for key, one in found.items()
    }


def test_a_device_has_the_keys_that_home_assistant_wants_and_no_others() -> None:
    it = device(station(), BASE, "zh-CN")
    assert {"device", "origin", "components"} <= it.keys() <= TOP_KEYS
    assert it["device"].keys() <= DEVICE_KEYS
    assert it["device"]["identifiers"]
    assert it["origin"].keys() <= ORIGIN_KEYS
    assert it["origin"]["name"]
    assert DISCOVERY_TOPIC.fullmatch(TOPIC)
    for key, one in it["components"].items():
        assert {"platform", "unique_id", "name", "state_topic", "value_template"} <= one.keys()
        assert one.keys() <= ENTITY_KEYS, key
        assert one["platform"] in ("sensor", "binary_sensor")
        is_enum = one.get("device_class") == "enum"
        assert is_enum == ("options" in one)
        assert not (is_enum and ("state_class" in one or "unit_of_measurement" in one))
    ids = [one["unique_id"] for one in it["components"].values()]
    assert len(ids) == len({*ids})


def test_what_a_status_says_is_read() -> None:
    said = status(
        is_open=True,
        indoor_temperature_c=19.5,
        num_people=3,
        num_seats_available=9,
        heating_state="ok",
        last_reported=datetime(2026, 11, 22, tzinfo=UTC),
        chargers=(ChargerCount(kind="phone", num_available=4, num_in_use=2, num_out_of_order=0),),
        supplies=(SupplyStatus(item_id="water", level=0.1, state="low"),),
    )
    assert shown(said) == {
        "open": "ON",
        "room": "19.5",
        "heating": "ok",
        "people": "3",
        "reported": "2026-11-22T00:00:00.000Z",
        "seats": "9",
        "phone-chargers": "4",
        "ebike-chargers": "None",
        "supply-water": "low",
        "supply-noodles": "None",
    }
    assert shown(status(is_open=False))["open"] == "OFF"


def test_what_is_not_known_is_none_and_never_0() -> None:
    said = shown(status())
    assert said.pop("heating") == "unknown"
    assert {*said.values()} == {"None"}


@pytest.mark.parametrize(
    ("state", "is_there"), [("live", True), ("stale", True), ("offline", False), ("never", False)]
)
def test_a_silent_station_is_unavailable(state: str, is_there: bool) -> None:
    template = device(station(), BASE, "en")["availability"][0]["value_template"]
    word = Environment().from_string(template).render(value_json={"data_state": state})
    assert word == ("online" if is_there else "offline")


def test_stations_are_told_once_and_again_after_a_new_connection(tmp_path: Path) -> None:
    broker = Broker()
    told = discovery(broker, tmp_path)
    assert told.publish(STATIONS) == 1
    assert told.publish(STATIONS) == 0
    broker.connections += 1
    assert told.publish(STATIONS) == 1
    assert all(message.retain for message in broker.sent)


def test_nothing_is_told_without_a_broker_and_tried_again(tmp_path: Path) -> None:
    broker = Broker(connections=0)
    told = discovery(broker, tmp_path)
    assert told.publish(STATIONS) == 0
    broker.connections, broker.is_deaf = 1, True
    assert told.publish(STATIONS) == 0
    broker.is_deaf = False
    assert told.publish(STATIONS) == 1


def test_a_retired_station_is_taken_away(tmp_path: Path) -> None:
    broker = Broker()
    told = discovery(broker, tmp_path)
    told.publish(STATIONS)
    told.publish({})
    assert broker.sent[-1] == Outgoing(TOPIC, b"", retain=True)
    assert discovery(broker, tmp_path).publish({}) == 0


def test_a_station_that_was_retired_while_the_server_was_down_is_taken_away(
    tmp_path: Path,
) -> None:
    discovery(Broker(), tmp_path).publish(STATIONS)
    broker = Broker()
    assert discovery(broker, tmp_path).publish({}) == 1
    assert broker.sent == [Outgoing(TOPIC, b"", retain=True)]


def test_switching_it_off_takes_everything_away(tmp_path: Path) -> None:
    discovery(Broker(), tmp_path).publish(STATIONS)
    broker = Broker()
    discovery(broker, tmp_path, None).publish(STATIONS)
    assert broker.sent == [Outgoing(TOPIC, b"", retain=True)]


def test_what_cannot_be_remembered_is_not_published(tmp_path: Path) -> None:
    broker = Broker()
    (tmp_path / "topics").mkdir()
    assert discovery(broker, tmp_path).publish(STATIONS) == 0
    assert broker.sent == []


@contextmanager
def listening(port: int) -> Iterator[dict[str, bytes]]:
    """The retained devices as Home Assistant would find them, newest first by topic."""
    found: dict[str, bytes] = {}
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("home", "secret")
    client.on_message = lambda _client, _data, m: found.update({m.topic: bytes(m.payload)})
    client.on_connect = lambda client, *_: client.subscribe("homeassistant/device/+/config")
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        yield found
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.mark.broker
def test_home_assistant_finds_a_station_at_a_real_broker_until_it_is_retired(
    tmp_path: Path,
) -> None:
    users = {"server": "secret", "home": "secret"}
    rights = acl("server") + "\nuser home\ntopic read homeassistant/#\n"
    (tmp_path / "password").write_text("secret\n")
    with Mosquitto(tmp_path, acl=rights, users=users) as broker:
        server = BrokerConfig(
            port=broker.port, username="server", password_file=tmp_path / "password"
        )
        with closing(MqttIntake(server, 1_000, FakeClock())) as intake:
            intake.start()
            eventually(lambda: intake.is_connected)
            told = discovery(intake, tmp_path)
            told.publish(STATIONS)
            with listening(broker.port) as found:
                eventually(lambda: TOPIC in found)
                assert json.loads(found[TOPIC])["components"]["room"]["state_topic"] == STATUS
                told.publish({})
                eventually(lambda: found[TOPIC] == b"")
            with listening(broker.port) as later:
                told.publish(dict(STATIONS))
                eventually(lambda: TOPIC in later)
