"""A station booted: its units, firewall, journal and clock as systemd runs them.

Slow: emulated. The pins are mock pins, everything else is what a Pi has: the Debian, the files of
the installer, the agent in its unit with all its hardening, a claim on the boot partition. The
deployment is a real one: nginx with TLS, the desk with its registry, mosquitto with TLS and ACL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.debian_machine import HERE, BootedDebian
from tests.support.debian_root import BOOKWORM, TRIXIE, Bases, DebianRoot
from tests.support.enrolled import Deployment, deployment
from tests.support.enrolment_site import site
from tests.support.guarded_broker import GuardedBroker
from tests.support.patience import eventually

pytestmark = [pytest.mark.slow, pytest.mark.broker]

_BROKER, _SITE = "mqtt.station.test", "www.station.test"
_PROFILE = f"""\
[station]
id = "ks-a"
district = "kunshan"
[broker]
host = "{_BROKER}"
port = {{port}}
[broker.tls]
ca = "/etc/warmstation/ca.pem"
cert = "/var/lib/warmstation/station.pem"
[report]
report_s = 5.0
[presence]
pin = 23
"""
_FIREWALL = ("kernel/net/netfilter", "kernel/net/ipv4", "kernel/net/ipv6", "kernel/lib")
_LONGER_THAN_THE_WATCHDOG_S = 45
_PATIENCE_S = 1200.0
"""Everything in the machine is emulated on a processor that others use too."""


class World:
    """What the station deals with."""

    def __init__(self, here: Deployment, broker: GuardedBroker, address: str) -> None:
        self.here, self.broker = here, broker
        self.address = f"https://{_SITE}:{urlsplit(address).port}"
        self.server = broker.client("_server")
        self.server.subscribe("warmstation/v1/+/+/report")
        self._before: list[tuple[str, bytes]] = []

    def reports(self) -> list[dict[str, Any]]:
        """All that the station has told the server."""
        return [json.loads(payload) for _, payload in [*self._before, *self.server.heard]]

    def numbers(self) -> set[int]:
        """Of those reports."""
        return {report["seq"] for report in self.reports()}

    def streams(self) -> set[str]:
        """One for each life of the agent."""
        return {report["stream"] for report in self.reports()}

    def broker_goes(self) -> None:
        """Killed."""
        self._before += self.server.heard
        self.server.close()
        self.broker.kill()

    def broker_comes_back(self) -> None:
        """With what it had written down."""
        self.broker.start()
        self.server = self.broker.client("_server")
        self.server.subscribe("warmstation/v1/+/+/report")


@contextmanager
def _world(folder: Path) -> Iterator[World]:
    with (
        deployment(folder, "ks-a", now=datetime.now(UTC)) as here,
        site(here, here.desk.authority(here.now), _SITE) as address,
        GuardedBroker(folder, here, (_BROKER, "localhost")) as broker,
    ):
        yield World(here, broker, address)


@pytest.fixture(params=[BOOKWORM, TRIXIE], ids=str)
def debian(request: pytest.FixtureRequest, bases: Bases) -> Iterator[DebianRoot]:
    """Made a station, with mock pins."""
    with bases.root(request.param) as found:
        found.install()
        pins = found.path / "etc/systemd/system/warmstation-agent.service.d/mock.conf"
        pins.parent.mkdir()
        pins.write_text("[Service]\nEnvironment=GPIOZERO_PIN_FACTORY=mock\n")
        yield found


def test_a_booted_station_enrols_goes_on_without_the_world_and_is_started_anew_when_it_hangs(
    debian: DebianRoot, tmp_path: Path
) -> None:
    with _world(tmp_path) as world:
        _put_up(debian.path, world)
        with BootedDebian(debian, tmp_path, modules=_FIREWALL) as machine:
            _is_as_its_files_say(machine)
            _goes_on_without_names_and_time(machine, world)
            _enrols_and_reports(machine, world)
            _goes_on_without_a_broker(machine, world)
            _is_started_anew_when_it_hangs(machine, world)
            _stops_in_order(machine)


def _put_up(root: Path, world: World) -> None:
    """What the installer of the station writes: its profile, what it pins, its claim."""
    profile = _PROFILE.format(port=world.broker.port)
    (root / "etc/warmstation/station.toml").write_text(profile)
    (root / "etc/warmstation/ca.pem").write_text(world.here.authority.read_text())
    told = root / "boot/firmware/warmstation"
    told.mkdir(parents=True)
    (told / "claim").write_text(world.here.desk.claim("ks-a", world.here.now) + "\n")
    (told / "server").write_text(world.address + "\n")


def _is_as_its_files_say(machine: BootedDebian) -> None:
    assert "policy drop" in machine.ask("nft list chain inet warmstation input")
    assert machine.ask("systemctl is-active nftables warmstation-agent warmstation-renew.timer")
    assert machine.ask("systemctl show -p RuntimeWatchdogUSec --value") == "14s"
    on_card = machine.ask("find /var/log -name '*.journal'")
    assert (on_card, bool(machine.ask("find /run/log -name '*.journal'"))) == ("", True)
    assert machine.ask("stat -c '%U %a' /var/lib/warmstation") == "warmstation 750"
    failed = machine.ask("systemctl --failed --plain --no-legend | cut -d' ' -f1")
    # A Pi's watchdog and bus are modules that this kernel for virtual machines has not.
    assert set(failed.split()) <= {"systemd-modules-load.service"}


def _goes_on_without_names_and_time(machine: BootedDebian, world: World) -> None:
    _let_pass(machine)
    assert machine.ask("timedatectl show -p NTPSynchronized --value") == "no"
    assert machine.ask("cat /boot/firmware/warmstation/claim"), "nobody has answered yet"
    assert _restarts(machine) == 0
    assert world.reports() == []


def _enrols_and_reports(machine: BootedDebian, world: World) -> None:
    machine.ask(f"echo {HERE} {_BROKER} {_SITE} >> /etc/hosts")
    eventually(lambda: world.numbers() >= set(range(1, 9)), _PATIENCE_S)
    assert all(report["people"]["present"] is False for report in world.reports()), "its mock pins"
    assert len(world.streams()) == 1, "it has measured since it was started"
    assert _restarts(machine) == 0
    assert machine.tell("ls /boot/firmware/warmstation/claim")[0] != 0, "it was used"
    held = machine.ask("stat -c '%U %a' /var/lib/warmstation/station.pem")
    assert held == "warmstation 600"


def _goes_on_without_a_broker(machine: BootedDebian, world: World) -> None:
    before = max(world.numbers())
    world.broker_goes()
    _let_pass(machine)
    world.broker_comes_back()
    eventually(lambda: world.numbers() >= set(range(1, before + 9)), _PATIENCE_S)
    assert len(world.streams()) == 1
    assert _restarts(machine) == 0


def _is_started_anew_when_it_hangs(machine: BootedDebian, world: World) -> None:
    first = world.streams()
    machine.ask("systemctl kill --kill-whom=main --signal=STOP warmstation-agent")
    eventually(lambda: world.streams() - first, _PATIENCE_S)
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
