"""A station booted: its units, firewall, journal and clock as systemd runs them.

Slow: emulated. The pins are mock pins, everything else is what a Pi has: the Debian, the files of
the installer, the agent in its unit with all its hardening, a claim on the boot partition. The
deployment is a real one: nginx with TLS, the desk with its registry, mosquitto with TLS and ACL.
Bookworm's clock is set by timesyncd, as on Raspberry Pi OS; Trixie's by chrony, whom somebody had
installed before our installer came.
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
from tests.support.time_server import time_server
from warmstation_wire import Receipt

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
_HERE_ONLY = {
    "warmstation-agent": """\
[Service]
Environment=GPIOZERO_PIN_FACTORY=mock
TimeoutStartSec=900
WatchdogSec=90
""",
    "warmstation-enrol": """\
[Service]
TimeoutStartSec=900
""",
}
"""No pins, and a processor that is a hundred times slower than a Pi's where others use it too."""
_FIREWALL = ("kernel/net/netfilter", "kernel/net/ipv4", "kernel/net/ipv6", "kernel/lib")
_DAEMONS = {BOOKWORM: "systemd-timesyncd", TRIXIE: "chrony"}
_MOST_BYTES = 45_000_000
_LONGER_THAN_THE_WATCHDOG_S = 105
_PATIENCE_S = 1200.0


class World:
    """What the station deals with."""

    def __init__(self, here: Deployment, broker: GuardedBroker, address: str) -> None:
        self.here, self.broker = here, broker
        self.address = f"https://{_SITE}:{urlsplit(address).port}"
        self.server = broker.client("_server")
        self.server.subscribe("warmstation/v1/+/+/report")
        self._before: list[tuple[str, bytes]] = []
        self._receipted: set[tuple[str, int]] = set()

    def answer(self) -> None:
        """As the server does it: a receipt for what has come. Without any no backlog follows."""
        for topic, payload in self.server.heard:
            report = json.loads(payload)
            one = (report["stream"], report["seq"])
            if one not in self._receipted:
                receipt = Receipt.of(one[0], [one[1]])
                self.server.publish(topic.replace("/report", "/receipt"), receipt.to_json())
                self._receipted.add(one)

    def reports(self) -> list[dict[str, Any]]:
        """All that the station has told the server."""
        return [json.loads(payload) for _, payload in [*self._before, *self.server.heard]]

    def newest(self) -> dict[str, Any]:
        """The report with the highest number: the backlog comes after what is measured now."""
        return max(self.reports(), key=lambda report: int(report["seq"]))

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
        if _DAEMONS[request.param] == "chrony":
            found.well("apt-get", "update", "-qq")
            found.well("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chrony")
        done = found.install()
        assert done.returncode == 0, done.stderr
        for name, text in _HERE_ONLY.items():
            drop_in = found.path / f"etc/systemd/system/{name}.service.d/emulated.conf"
            drop_in.parent.mkdir(exist_ok=True)
            drop_in.write_text(text)
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
            _is_told_the_time(machine, world)
            _is_as_small_as_promised(machine)
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
    eventually(lambda: world.numbers() >= set(range(1, 9)), _PATIENCE_S, world.answer)
    assert all(report["people"]["present"] is False for report in world.reports()), "its mock pins"
    assert len(world.streams()) == 1, "it has measured since it was started"
    assert _restarts(machine) == 0
    assert machine.tell("ls /boot/firmware/warmstation/claim")[0] != 0, "it was used"
    held = machine.ask("stat -c '%U %a' /var/lib/warmstation/station.pem")
    assert held == "warmstation 600"


def _is_told_the_time(machine: BootedDebian, world: World) -> None:
    """By whichever daemon sets the clock there, from a server that is here."""
    assert world.newest()["clock"] != "synced"
    with time_server() as port:
        if machine.tell("systemctl is-active chrony")[0] == 0:
            source = f"server {HERE} port {port} iburst"
            machine.ask(f"echo '{source}' > /etc/chrony/sources.d/here.sources")
            machine.ask("chronyc reload sources")
        else:  # which asks at port 123 and nowhere else
            machine.ask(_DETOUR.format(here=HERE, port=port))
            machine.ask(f"echo {HERE} ntp.aliyun.com >> /etc/hosts")
            machine.ask("systemctl restart systemd-timesyncd")
        eventually(lambda: world.newest()["clock"] == "synced", _PATIENCE_S, world.answer)
    assert len(world.streams()) == 1


_DETOUR = """\
nft add table ip detour \
&& nft 'add chain ip detour out {{ type nat hook output priority -100 ; }}' \
&& nft add rule ip detour out ip daddr {here} udp dport 123 dnat to {here}:{port}"""


def _is_as_small_as_promised(machine: BootedDebian) -> None:
    asked = "systemctl show -p MainPID --value warmstation-agent"
    held = machine.ask(f"grep VmRSS /proc/$({asked})/status").split()
    print(f"the agent holds {int(held[1]) * 1024} bytes")
    assert int(held[1]) * 1024 <= _MOST_BYTES


def _goes_on_without_a_broker(machine: BootedDebian, world: World) -> None:
    before = max(world.numbers())
    world.broker_goes()
    _let_pass(machine)
    world.broker_comes_back()
    eventually(lambda: world.numbers() >= set(range(1, before + 9)), _PATIENCE_S, world.answer)
    assert len(world.streams()) == 1
    assert _restarts(machine) == 0


def _is_started_anew_when_it_hangs(machine: BootedDebian, world: World) -> None:
    first = world.streams()
    machine.ask("systemctl kill --kill-whom=main --signal=STOP warmstation-agent")
    eventually(lambda: world.streams() - first, _PATIENCE_S, world.answer)
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
