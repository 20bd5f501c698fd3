"""The uplink against a real mosquitto and a little server: kills, refusals, wills."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.support.little_server import LittleServer
from tests.support.mosquitto import STATION_ACL, Mosquitto
from tests.support.patience import eventually
from tests.support.ports import free_port
from warmstation_edge.clock import SystemClock
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import Profile, parse
from warmstation_edge.uplink import Pace
from warmstation_edge.uplink.connect import connect
from warmstation_edge.uplink.pump import Pump
from warmstation_wire import Leaf

PACE = Pace(start_s=0.2, backlog_per_s=500)
"""Quick, so that a test is; the true figures are tested on a clock that stands still."""
pytestmark = pytest.mark.broker


class Edge:
    """One station's outbox and uplink on the real clock."""

    def __init__(
        self, directory: Path, port: int, pump: Pump, station: str = "ks-a", host: str = "127.0.0.1"
    ) -> None:
        self.clock = SystemClock()
        self.station = station
        self.profile = _profile(directory / station, host, port, station)
        self.outbox = Outbox(station, self.profile.outbox, self.clock)
        self.uplink = connect(
            self.profile, self.outbox, pump, self.clock, Random(station), pace=PACE
        )
        self.orders: list[tuple[Leaf, bytes]] = []

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            moment = Measurement(self.clock.now(), "synced", 1.0, faults=self.uplink.faults())
            self.outbox.add(moment)

    def turn(self) -> None:
        self.orders += self.uplink.turn()


def _profile(directory: Path, host: str, port: int, station: str) -> Profile:
    return parse(
        {
            "station": {"id": station, "district": "kunshan"},
            "broker": {"host": host, "port": port},
            "outbox": {"path": str(directory / "outbox.db")},
        }
    )


@pytest.fixture
def pump() -> Iterator[Pump]:
    pump = Pump()
    pump.start()
    yield pump
    pump.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path, acl=STATION_ACL) as broker:
        yield broker


def test_reports_reach_the_server_and_their_receipts_empty_the_outbox(
    tmp_path: Path, broker: Mosquitto, pump: Pump
) -> None:
    with LittleServer(broker.port) as server:
        edge = Edge(tmp_path, broker.port, pump)
        edge.add(3)
        eventually(lambda: edge.outbox.queued == 0, doing=edge.turn)
        assert sum(server.reports.values()) == 3
        assert server.presence["ks-a"].online
        assert server.presence["ks-a"].stream == edge.outbox.stream


def test_an_acl_refusal_keeps_the_report_and_becomes_a_fault(tmp_path: Path, pump: Pump) -> None:
    mute = STATION_ACL.replace("pattern write warmstation/v1/+/%u/report\n", "")
    with Mosquitto(tmp_path, acl=mute) as broker, LittleServer(broker.port) as server:
        edge = Edge(tmp_path, broker.port, pump)
        edge.add()
        eventually(edge.uplink.faults, doing=edge.turn)
        assert edge.outbox.queued == 1
        assert not server.reports
        edge.add()
        broker.kill()
        broker.allow(STATION_ACL)
        broker.start()
        eventually(lambda: edge.outbox.queued == 0, doing=edge.turn)
        eventually(lambda: not edge.uplink.faults(), doing=edge.turn)
        assert len(server.reports) == 2
        told = server.by_seq["ks-a", 2].faults or ()
        assert [(fault.sensor, fault.reason) for fault in told] == [("uplink", "refused")]


def test_a_wrong_password_is_a_fault_and_nothing_is_lost(tmp_path: Path, pump: Pump) -> None:
    with Mosquitto(tmp_path, users={"ks-a": "right", "server": "s"}) as broker:
        edge = Edge(tmp_path, broker.port, pump)
        edge.add()
        eventually(edge.uplink.faults, doing=edge.turn)
        assert edge.outbox.queued == 1


def test_the_last_will_is_published_when_the_agent_is_gone_without_goodbye(
    tmp_path: Path, broker: Mosquitto, pump: Pump
) -> None:
    with LittleServer(broker.port) as server:
        edge = Edge(tmp_path, broker.port, pump)
        eventually(lambda: "ks-a" in server.presence, doing=edge.turn)
        edge.uplink.link.drop()
        eventually(lambda: not server.presence["ks-a"].online)
        assert server.presence["ks-a"].since is None, "a will cannot know its time"


def test_an_orderly_goodbye_is_no_will_and_stays_retained(
    tmp_path: Path, broker: Mosquitto, pump: Pump
) -> None:
    edge = Edge(tmp_path, broker.port, pump)
    eventually(lambda: edge.uplink.is_online, doing=edge.turn)
    edge.uplink.stop()
    pump.stop()
    with LittleServer(broker.port) as server:
        eventually(lambda: "ks-a" in server.presence)
        assert not server.presence["ks-a"].online
        assert server.presence["ks-a"].since is not None


def test_a_broker_that_is_killed_and_loses_its_disk_loses_no_report(
    tmp_path: Path, broker: Mosquitto, pump: Pump
) -> None:
    with LittleServer(broker.port, answers=False) as server:
        edges = [Edge(tmp_path, broker.port, pump, f"ks-{n}") for n in range(5)]

        def turn() -> None:
            for edge in edges:
                edge.turn()

        for edge in edges:
            edge.add(20)
        eventually(lambda: len(server.reports) >= 5, doing=turn)
        broker.kill()
        broker.forget()
        for edge in edges:
            edge.add(20)
        eventually(lambda: not any(edge.uplink.is_online for edge in edges), doing=turn)
        server.answers = True
        broker.start()
        eventually(lambda: not any(edge.outbox.queued for edge in edges), doing=turn)
        assert len(server.reports) == 5 * 40


def test_orders_arrive_and_answers_go_back(tmp_path: Path, broker: Mosquitto, pump: Pump) -> None:
    with LittleServer(broker.port) as server:
        server.tell("ks-a", Leaf.DESIRED, b'{"v":1,"revision":7}', retain=True)
        edge = Edge(tmp_path, broker.port, pump)
        eventually(lambda: edge.orders, doing=edge.turn)
        assert edge.orders == [(Leaf.DESIRED, b'{"v":1,"revision":7}')]
        edge.uplink.answer(Leaf.APPLIED, b'{"v":1,"ok":true}')
        edge.uplink.answer(Leaf.RESULT, b"done")
        eventually(lambda: all(server.other.values()), doing=edge.turn)
        assert server.other == {Leaf.APPLIED: [b'{"v":1,"ok":true}'], Leaf.RESULT: [b"done"]}


def test_a_pulled_cable_is_a_lost_connection_until_it_is_back(
    tmp_path: Path, broker: Mosquitto, pump: Pump
) -> None:
    edge = Edge(tmp_path, broker.port, pump)
    eventually(lambda: edge.uplink.is_online, doing=edge.turn)
    edge.uplink.link.unplug()
    eventually(lambda: not edge.uplink.is_online, doing=edge.turn)
    edge.uplink.link.plug()
    eventually(lambda: edge.uplink.is_online, doing=edge.turn)


def test_a_broker_that_is_not_there_costs_nothing_but_a_retry(tmp_path: Path, pump: Pump) -> None:
    port = free_port()
    lost = Edge(tmp_path, port, pump, "ks-lost", host="no-such-host.invalid")
    edge = Edge(tmp_path, port, pump)
    for one in (lost, edge):
        one.add()
        one.turn()
        assert one.outbox.queued == 1
        assert one.uplink.faults() == ()
    with Mosquitto(tmp_path, port=port):
        eventually(lambda: edge.uplink.is_online, doing=edge.turn)


def test_a_hundred_stations_share_one_thread(tmp_path: Path, broker: Mosquitto, pump: Pump) -> None:
    before = threading.active_count()
    with LittleServer(broker.port) as server:
        edges = [Edge(tmp_path, broker.port, pump, f"ks-{n:03}") for n in range(100)]
        for edge in edges:
            edge.add(2)

        def turn() -> None:
            for edge in edges:
                edge.turn()

        eventually(lambda: not any(edge.outbox.queued for edge in edges), doing=turn)
        assert len(server.reports) == 200
        assert threading.active_count() - before <= 1 + 4, "the little server and the connectors"


def test_junk_from_a_broken_broker_does_not_end_the_pump(
    tmp_path: Path, broker: Mosquitto, pump: Pump
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as junk:
        broken = Edge(tmp_path, junk.getsockname()[1], pump, "ks-broken")
        connection, _ = junk.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"\x20\xff\xff\xff\xff\xff" + bytes(range(256)))
            sound = Edge(tmp_path, broker.port, pump, "ks-sound")
            eventually(lambda: sound.uplink.is_online, doing=sound.turn)
        broken.turn()
        assert not broken.uplink.is_online
