"""A station booted: its units, firewall, journal and clock as systemd runs them.

Slow: emulated. The pins are mock pins, everything else is what a Pi has: the Debian, the files of
the installer, the agent in its unit with all its hardening, the network, the broker.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.debian_machine import HERE, BootedDebian
from tests.support.debian_root import BOOKWORM, TRIXIE, Bases, DebianRoot
from tests.support.mosquitto import Mosquitto
from tests.support.patience import eventually

pytestmark = [pytest.mark.slow, pytest.mark.broker]

_BROKER = "broker.station.test"
_PROFILE = f"""\
[station]
id = "ks-a"
district = "kunshan"
[broker]
host = "{_BROKER}"
port = {{port}}
[report]
report_s = 5.0
[presence]
pin = 23
"""
_FIREWALL = ("kernel/net/netfilter", "kernel/net/ipv4", "kernel/net/ipv6", "kernel/lib")
_LONGER_THAN_THE_WATCHDOG_S = 45
_PATIENCE_S = 400.0
"""Everything in the machine is emulated on a processor that others use too."""


class _Ear:
    """Hears the station's reports, also after the broker was away."""

    def __init__(self, port: int) -> None:
        self.heard: list[dict[str, Any]] = []
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("warmstation/v1/+/+/report")
        self._client.on_message = self._hear
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def streams(self) -> set[str]:
        """One for each life of the agent."""
        return {report["stream"] for report in self.heard}

    def end(self) -> None:
        """Hear no more."""
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.heard.append(json.loads(message.payload))


@pytest.fixture(params=[BOOKWORM, TRIXIE], ids=str)
def debian(request: pytest.FixtureRequest, bases: Bases) -> Iterator[DebianRoot]:
    """Made a station, with mock pins."""
    with bases.root(request.param) as found:
        found.install()
        pins = found.path / "etc/systemd/system/warmstation-agent.service.d/mock.conf"
        pins.parent.mkdir()
        pins.write_text("[Service]\nEnvironment=GPIOZERO_PIN_FACTORY=mock\n")
        yield found


def test_a_booted_station_goes_on_without_the_world_and_is_started_anew_when_it_hangs(
    debian: DebianRoot, tmp_path: Path
) -> None:
    with Mosquitto(tmp_path) as broker:
        profile = _PROFILE.format(port=broker.port)
        (debian.path / "etc/warmstation/station.toml").write_text(profile)
        ear = _Ear(broker.port)
        try:
            with BootedDebian(debian, tmp_path, modules=_FIREWALL) as machine:
                _is_as_its_files_say(machine)
                _goes_on_without_names_and_time(machine, ear)
                _goes_on_without_a_broker(machine, ear, broker)
                _is_started_anew_when_it_hangs(machine, ear)
                _stops_in_order(machine)
        finally:
            ear.end()


def _is_as_its_files_say(machine: BootedDebian) -> None:
    assert "policy drop" in machine.ask("nft list chain inet warmstation input")
    assert machine.ask("systemctl is-active nftables warmstation-agent warmstation-renew.timer")
    assert machine.ask("systemctl show -p RuntimeWatchdogUSec --value") == "14s"
    assert machine.tell("ls -d /var/log/journal")[0] != 0, "the journal is in memory"
    assert machine.ask("ls -d /run/log/journal")
    assert machine.ask("stat -c '%U %a' /var/lib/warmstation") == "warmstation 750"
    failed = machine.ask("systemctl --failed --plain --no-legend | cut -d' ' -f1")
    # A Pi's watchdog and bus are modules that this kernel for virtual machines has not.
    assert set(failed.split()) <= {"systemd-modules-load.service"}


def _goes_on_without_names_and_time(machine: BootedDebian, ear: _Ear) -> None:
    _let_pass(machine)
    assert machine.ask("timedatectl show -p NTPSynchronized --value") == "no"
    assert _restarts(machine) == 0
    assert ear.heard == []
    machine.ask(f"echo {HERE} {_BROKER} >> /etc/hosts")
    eventually(lambda: {report["seq"] for report in ear.heard} >= set(range(1, 9)), _PATIENCE_S)
    assert all(report["people"]["present"] is False for report in ear.heard), "its mock pins"
    assert len(ear.streams()) == 1
    assert _restarts(machine) == 0


def _goes_on_without_a_broker(machine: BootedDebian, ear: _Ear, broker: Mosquitto) -> None:
    before = max(report["seq"] for report in ear.heard)
    broker.kill()
    _let_pass(machine)
    broker.start()
    wanted = set(range(1, before + 9))
    eventually(lambda: {report["seq"] for report in ear.heard} >= wanted, _PATIENCE_S)
    assert len(ear.streams()) == 1
    assert _restarts(machine) == 0


def _is_started_anew_when_it_hangs(machine: BootedDebian, ear: _Ear) -> None:
    first = ear.streams()
    machine.ask("systemctl kill --kill-whom=main --signal=STOP warmstation-agent")
    eventually(lambda: ear.streams() - first, _PATIENCE_S)
    assert _restarts(machine) == 1
    said = machine.ask("journalctl -u warmstation-agent -o cat")
    assert "Watchdog timeout" in said


def _stops_in_order(machine: BootedDebian) -> None:
    machine.ask("systemctl stop warmstation-agent")
    assert machine.ask("systemctl show -p Result --value warmstation-agent") == "success"


def _let_pass(machine: BootedDebian) -> None:
    """Longer than the agent may be silent for, by the machine's own clock."""
    uptime = "cut -d. -f1 /proc/uptime"
    end = int(machine.ask(uptime)) + _LONGER_THAN_THE_WATCHDOG_S
    while int(machine.ask(f"sleep 5; {uptime}")) < end:
        pass


def _restarts(machine: BootedDebian) -> int:
    assert machine.ask("systemctl is-active warmstation-agent") == "active"
    return int(machine.ask("systemctl show -p NRestarts --value warmstation-agent"))
