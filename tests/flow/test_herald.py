"""What is dangerous passes the queue of the broker: a server that is behind hears of it at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.support.mosquitto import Mosquitto
from tests.support.patience import PATIENCE_S, eventually
from warmstation_edge.clock import SystemClock
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import parse
from warmstation_edge.uplink import Pace
from warmstation_edge.uplink.connect import connect
from warmstation_edge.uplink.pump import Pump
from warmstation_server.clock import SystemClock as ServerClock
from warmstation_server.config import BrokerConfig
from warmstation_server.intake import Message
from warmstation_server.intake.mqtt import MqttIntake
from warmstation_wire import Report, Safety, decode

WINDOW, ORDINARY = 5, 15
pytestmark = pytest.mark.broker


def test_smoke_is_heard_while_the_broker_keeps_back_what_came_before(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, extra=f"max_inflight_messages {WINDOW}") as broker:
        server = MqttIntake(BrokerConfig(port=broker.port), 100, ServerClock())
        server.start()
        eventually(lambda: server.is_connected)
        pump, clock = Pump(), SystemClock()
        pump.start()
        profile = parse(
            {
                "station": {"id": "ks-a", "district": "kunshan"},
                "broker": {"host": "127.0.0.1", "port": broker.port},
                "outbox": {"path": str(tmp_path / "outbox.db")},
            }
        )
        outbox = Outbox("ks-a", profile.outbox, clock)
        uplink = connect(profile, outbox, pump, clock, Random(1), pace=Pace(start_s=0.1))
        try:
            eventually(lambda: uplink.is_online, doing=uplink.turn)
            for _ in range(ORDINARY):
                outbox.add(Measurement(clock.now(), "synced", 1.0))
            eventually(lambda: server.waiting == WINDOW, doing=uplink.turn)
            eventually(lambda: not uplink.awaits_broker, doing=uplink.turn)
            smoke = Measurement(clock.now(), "synced", 1.0, safety=Safety(smoke=True))
            danger = outbox.add(smoke, urgent=True).seq
            urgent: list[Message] = []

            def turn() -> None:
                uplink.turn()
                urgent.extend(server.urgent(timedelta()))

            eventually(lambda: urgent, doing=turn)
            assert decode(Report, urgent[0].payload).seq == danger
            assert not urgent[0].mid, "a herald wants no acknowledgement"
            assert server.waiting == WINDOW + 1, "of the others, no more than the window"
        finally:
            uplink.stop()
            pump.stop()
            outbox.abandon()
            server.close(timedelta(seconds=PATIENCE_S))
