"""A real Debian 12 made a station by the installer, and booted: the unit samples, sends, recovers.

Slow: software emulation, and packages that are downloaded.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.firmware.test_install import tree
from tests.support.debian_root import BootedDebian, DebianRoot
from tests.support.mosquitto import Mosquitto
from tests.support.patience import eventually

pytestmark = pytest.mark.slow

_PROFILE = """\
[station]
id = "ks-a"
district = "kunshan"
[broker]
host = "10.0.2.2"
port = {port}
[report]
report_s = 5.0
[presence]
pin = 23
"""
_HANG = """\
[Unit]
After=warmstation-agent.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'sleep 30; systemctl kill --kill-whom=main --signal=STOP warmstation-agent'
"""


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> DebianRoot:
    return DebianRoot(tmp_path_factory.mktemp("debian"))


def test_a_bare_debian_becomes_a_station_stays_one_and_its_unit_recovers(
    debian: DebianRoot, tmp_path: Path
) -> None:
    first = debian.install()
    assert first.returncode == 0, first.stdout + first.stderr
    before = tree(debian.path)
    second = debian.install()
    assert second.stdout.splitlines()[0] == "nothing to do"
    assert tree(debian.path) == before
    units = ("warmstation-agent.service", "warmstation-renew.service", "warmstation-renew.timer")
    verified = debian.run("systemd-analyze", "verify", *units)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "doctor" in debian.run("/opt/warmstation/bin/warmstation-agent", "--help").stdout
    _boots(debian.path, tmp_path)


def _boots(root: Path, folder: Path) -> None:
    heard: list[dict[str, Any]] = []

    def hear(_client: Client, _data: Any, message: MQTTMessage) -> None:
        heard.append(json.loads(message.payload))

    with Mosquitto(folder) as broker:
        _configure(root, broker.port)
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_message = hear
        client.connect("127.0.0.1", broker.port)
        client.subscribe("warmstation/v1/kunshan/ks-a/report")
        client.loop_start()
        machine = BootedDebian(root, folder)
        try:
            eventually(lambda: len(heard) >= 3, 400)
            assert heard[0]["people"]["present"] is False, "it samples its mock pins"
            streams = {report["stream"] for report in heard}
            eventually(lambda: {report["stream"] for report in heard} - streams, 300)
        finally:
            machine.run.cut()
            client.disconnect()
            client.loop_stop()


def _configure(root: Path, port: int) -> None:
    (root / "etc/warmstation/station.toml").write_text(_PROFILE.format(port=port))
    units = root / "etc/systemd/system"
    mock = units / "warmstation-agent.service.d/mock.conf"
    mock.parent.mkdir()
    mock.write_text("[Service]\nEnvironment=GPIOZERO_PIN_FACTORY=mock\n")
    (units / "hang.service").write_text(_HANG)
    (units / "multi-user.target.wants/hang.service").symlink_to("/etc/systemd/system/hang.service")
    (root / "etc/machine-id").write_text("")
