"""Retained statuses: what is told of whom, when only those that changed are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from tests.support.registered import station
from warmstation_server.intake.packets import Outgoing
from warmstation_server.publish.mqtt import Statuses
from warmstation_wire import StationStatus

STATIONS = {name: station(name) for name in ("aa", "bb")}
BEFORE = {
    name: StationStatus(
        station_id=name,
        data_state="never",
        occupancy_status="no_data_available",
        heating_state="unknown",
    )
    for name in STATIONS
}
NOW = BEFORE | {"bb": BEFORE["bb"].model_copy(update={"data_state": "live"})}


@dataclass
class Broker:
    """Keeps what it is handed; `is_deaf` takes nothing."""

    connections: int = 1
    is_deaf: bool = False
    sent: list[Outgoing] = field(default_factory=list)

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        """All or nothing."""
        if not self.is_deaf:
            self.sent += messages
        return not self.is_deaf

    def told(self) -> list[str]:
        """The stations of what was sent since the last time."""
        found, self.sent = [one.topic.split("/")[3] for one in self.sent], []
        return sorted(found)


def told(broker: Broker) -> Statuses:
    statuses = Statuses(broker)
    statuses.publish(STATIONS, BEFORE, frozenset())
    assert broker.told() == ["aa", "bb"], "the first time everybody is told of"
    return statuses


def test_who_changed_is_told_of_and_nobody_else() -> None:
    broker = Broker()
    statuses = told(broker)
    assert statuses.publish(STATIONS, NOW, {"bb"}) == 1
    assert statuses.publish(STATIONS, NOW, frozenset()) == 0
    assert broker.told() == ["bb"]


def test_a_whole_country_is_told_of_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warmstation_server.publish.mqtt.AT_ONCE", 1)
    broker = Broker()
    statuses = Statuses(broker)
    assert [statuses.publish(STATIONS, BEFORE, frozenset()) for _ in range(3)] == [1, 1, 0]
    assert broker.told() == ["aa", "bb"]


def test_what_could_not_be_sent_is_sent_with_what_comes_next() -> None:
    broker = Broker()
    statuses = told(broker)
    broker.is_deaf = True
    assert statuses.publish(STATIONS, NOW, {"bb"}) == 0
    broker.is_deaf = False
    assert statuses.publish(STATIONS, NOW, frozenset()) == 1
    assert broker.told() == ["bb"]


def test_after_a_reconnection_everybody_is_told_of_again() -> None:
    broker = Broker()
    statuses = told(broker)
    broker.connections = 2
    statuses.publish(STATIONS, NOW, frozenset())
    assert broker.told() == ["aa", "bb"]


def test_a_station_that_is_gone_is_taken_away_once() -> None:
    broker = Broker()
    statuses = told(broker)
    fewer = {"aa": STATIONS["aa"]}
    assert statuses.publish(fewer, {"aa": NOW["aa"]}, frozenset()) == 1
    assert broker.sent[0].payload == b""
    assert statuses.publish(fewer, {"aa": NOW["aa"]}, frozenset()) == 0
