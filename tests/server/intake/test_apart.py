"""The intake in a process of its own: killed, it comes back, and nothing is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.flow_server import children
from tests.support.mosquitto import Mosquitto
from tests.support.patience import PATIENCE_S, eventually
from tests.support.registered import DISTRICT, report
from warmstation_server.config import BrokerConfig
from warmstation_server.intake import Message
from warmstation_server.intake.apart import IntakeApart
from warmstation_server.intake.orders import Orders
from warmstation_server.intake.packets import Outgoing

pytestmark = pytest.mark.broker
TOPIC = f"warmstation/v1/{DISTRICT}/ks-songnan"
AT_ONCE = timedelta(milliseconds=50)


@contextmanager
def running(port: int, processes: int = 1) -> Iterator[IntakeApart]:
    intake = IntakeApart(Orders(BrokerConfig(port=port), 20_000, processes))
    intake.start()
    try:
        eventually(lambda: intake.is_connected)
        yield intake
    finally:
        intake.close(timedelta(seconds=PATIENCE_S))


def say(port: int, first: int, last: int, **parts: Any) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(0)
    client.connect("127.0.0.1", port)
    client.loop_start()
    payloads = [report(seq, **parts).to_json() for seq in range(first, last + 1)]
    for one in [client.publish(f"{TOPIC}/report", payload, qos=1) for payload in payloads]:
        one.wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


def taken(intake: IntakeApart, count: int) -> list[Message]:
    found: list[Message] = []
    eventually(
        lambda: len(found) >= count, PATIENCE_S, lambda: found.extend(intake.take(20_000, AT_ONCE))
    )
    return found


def seqs(messages: list[Message]) -> list[int]:
    return [one.said.seq for one in messages if one.said is not None]


def test_a_killed_process_comes_back_and_brings_what_was_not_acknowledged(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, running(broker.port) as intake:
        say(broker.port, 1, 50)
        before = taken(intake, 50)
        intake.acknowledge(before[:20])
        assert intake.publish([Outgoing(f"{TOPIC}/status", b"{}", retain=True)])
        say(broker.port, 51, 51)  # what was acknowledged before this is with the broker
        assert seqs(taken(intake, 1)) == [51]
        connections, killed = intake.connections, intake.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        again = taken(intake, 31)
        assert seqs(again) == list(range(21, 52))
        assert intake.pid != killed
        assert intake.connections > connections, "so that every status is sent again"
        intake.acknowledge(before)  # of the killed one: its numbers mean other messages now
        intake.acknowledge(again)
        say(broker.port, 52, 52)
        assert seqs(taken(intake, 1)) == [52]


def test_the_process_ends_with_the_server_and_acknowledges_first(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        with running(broker.port) as intake:
            say(broker.port, 1, 20)
            intake.acknowledge(taken(intake, 20)[:15])
            pid = intake.pid
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        with running(broker.port) as intake:
            assert seqs(taken(intake, 5)) == [16, 17, 18, 19, 20]


def test_a_process_that_takes_nothing_any_more_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warmstation_server.intake.apart._STUCK_S", 0.2)
    with Mosquitto(tmp_path) as broker, running(broker.port) as intake:
        stuck = intake.pid
        assert stuck is not None
        os.kill(stuck, signal.SIGSTOP)
        flood = [Outgoing(f"{TOPIC}/status", b"x" * 10_000)] * 200
        eventually(lambda: not intake.publish(flood))
        eventually(lambda: intake.pid not in (stuck, None) and intake.is_connected)
        assert intake.publish(flood[:1])


def test_smoke_is_shown_ahead_of_its_turn_and_comes_again_in_it(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, running(broker.port) as intake:
        say(broker.port, 1, 30)
        say(broker.port, 31, 31, safety={"smoke": True})
        assert seqs(intake.urgent(timedelta(seconds=PATIENCE_S))) == [31]
        assert seqs(taken(intake, 31)) == list(range(1, 32))
        assert intake.urgent(timedelta(0)) == []


def test_a_killed_reader_takes_the_others_with_it_and_all_that_is_open_comes_again(
    tmp_path: Path,
) -> None:
    with Mosquitto(tmp_path) as broker, running(broker.port, processes=2) as intake:
        say(broker.port, 1, 50)
        before = taken(intake, 50)
        intake.acknowledge(before[:20])
        say(broker.port, 51, 51)
        assert seqs(taken(intake, 1)) == [51]
        parent = intake.pid
        assert parent is not None
        first, second = children(parent)
        os.kill(first, signal.SIGKILL)
        again = taken(intake, 31)
        assert seqs(again) == list(range(21, 52))
        assert intake.pid != parent
        eventually(lambda: not is_running(second))
        intake.acknowledge(before)  # their numbers mean other messages now
        intake.acknowledge(again)
        say(broker.port, 52, 52)
        assert seqs(taken(intake, 1)) == [52]


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:  # gone, before or while it is read
        return False
