"""The generated mosquitto.conf, read by a real mosquitto."""

from __future__ import annotations

import getpass
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.clocks import FakeClock
from tests.support.patience import eventually
from tests.support.ports import free_port
from warmstation_server.config import BrokerConfig
from warmstation_server.intake.mosquitto import MosquittoConf, acl
from warmstation_server.intake.mqtt import MqttIntake
from warmstation_server.intake.packets import Outgoing

TOPIC = "warmstation/v1/kunshan/ks-songnan/report"


def test_who_may_do_what_is_written_for_the_servers_user() -> None:
    assert acl("warm").startswith("user warm\ntopic readwrite warmstation/v1/#\n")
    assert "pattern write warmstation/v1/+/%u/report" in acl("warm")


def test_without_passwords_the_client_id_is_free_and_with_them_it_is_the_user(
    tmp_path: Path,
) -> None:
    opened = MosquittoConf(1883, tmp_path).text()
    guarded = MosquittoConf(1883, tmp_path, password_file=tmp_path / "passwords").text()
    assert "allow_anonymous true" in opened
    assert "use_username_as_clientid" not in opened
    assert "allow_anonymous false" in guarded
    assert "use_username_as_clientid true" in guarded


@pytest.mark.broker
def test_a_real_mosquitto_takes_it_and_lets_a_batch_be_under_way(tmp_path: Path) -> None:
    port = free_port()
    conf = tmp_path / "mosquitto.conf"
    text = MosquittoConf(port, tmp_path).text()
    conf.write_text(f"{text}user {getpass.getuser()}\n", encoding="utf-8")
    broker = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(conf)], stderr=subprocess.DEVNULL)
    intake = MqttIntake(BrokerConfig(port=port), 1_000, FakeClock())
    try:
        with closing(intake):
            intake.start()
            eventually(lambda: intake.is_connected)
            assert intake.publish([Outgoing(TOPIC, b"%d" % number) for number in range(500)])
            eventually(lambda: intake.waiting == 500)
            messages = intake.take(1_000, timedelta(0))
            assert [one.payload for one in messages] == [b"%d" % number for number in range(500)]
            intake.acknowledge(messages)
    finally:
        broker.kill()
        broker.wait()
