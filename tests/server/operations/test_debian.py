"""A bare Debian made a server by `warmstation install`, as root would do it, and booted.

Slow: packages are downloaded, and the machine is emulated.
"""

from __future__ import annotations

import json
import ssl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from tests.firmware.test_debian import exposure
from tests.server.operations.test_install import HOST, everything
from tests.support.debian_machine import BootedDebian
from tests.support.debian_root import BOOKWORM, OFFLINE, TRIXIE, Bases, DebianRoot, Release
from tests.support.patience import eventually
from warmstation_edge.enrolment.by_library import Library
from warmstation_edge.enrolment.identity import Identity
from warmstation_edge.enrolment.station import Station
from warmstation_wire import Payload

pytestmark = pytest.mark.slow

_BIN = "/opt/warmstation/bin"
_CONFIG = "--config /etc/warmstation/server.toml"
_UNITS = (
    "warmstation-server.service",
    "warmstation-admission.path",
    "warmstation-admission.service",
    "mosquitto.service",
)
_REGIONS = """\
[[regions]]
id = "ks-qiandeng"
level = "street"
name_zh = "千灯"
name_en = "Qiandeng"
"""
_STATION = (
    "ks-a --district kunshan --region ks-qiandeng --name 驿站 --lat 31.26 --lon 121.0"
    " --hours 'Mo-Su 07:00-22:00' --capacity 12"
)
_EVERY_S = 10.0
_PATIENCE_S = 1200.0
"""Everything in the machine is emulated on a processor that others use too."""


@pytest.fixture(params=[BOOKWORM, TRIXIE], ids=str, scope="module")
def bare(request: pytest.FixtureRequest, bases: Bases) -> Iterator[DebianRoot]:
    """With the program in its environment; services of packages are not started in it."""
    release: Release = request.param
    with bases.root(release, "server") as found:
        policy = found.path / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        found.well("python3", "-m", "venv", "/opt/warmstation")
        found.well(*OFFLINE, f"{_BIN}/pip", "install", "-q", found.wheel("server"))
        yield found


@pytest.fixture(scope="module")
def debian(bare: DebianRoot) -> DebianRoot:
    """The same, made a server."""
    first = bare.well(f"{_BIN}/warmstation", "install", HOST)
    assert "installed mosquitto nginx-light" in first
    return bare


def test_a_bare_debian_becomes_a_server_and_twice_changes_nothing(debian: DebianRoot) -> None:
    before = _settled(debian.path)
    assert debian.well(f"{_BIN}/warmstation", "install", HOST) == "nothing to do\n"
    assert _settled(debian.path) == before
    verified = debian.run("systemd-analyze", "--man=no", "verify", *_UNITS)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")
    for unit in _UNITS:
        if unit.startswith("warmstation") and unit.endswith(".service"):
            assert exposure(debian, f"/etc/systemd/system/{unit}") <= 2.0
    assert debian.run("nginx", "-t").returncode == 0
    said = debian.well("sh", "-c", _as_server("check-config"))
    assert said == "/etc/warmstation/server.toml is good\n"


def test_the_server_takes_reports_in_and_stops_in_order(debian: DebianRoot, tmp_path: Path) -> None:
    (debian.path / "srv/regions.toml").write_text(_REGIONS)
    (debian.path / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
    patient = debian.path / "etc/systemd/system/warmstation-server.service.d/patient.conf"
    patient.parent.mkdir(exist_ok=True)
    patient.write_text(_PATIENT)
    with BootedDebian(debian, tmp_path, forward=(80, 8883), memory_mb=1024) as machine:
        web = f"http://127.0.0.1:{machine.port(80)}"
        with _explained(machine):
            eventually(lambda: _body(f"{web}/healthz"), _PATIENCE_S)
            _enrols_reports_and_is_revoked(machine, web, tmp_path)
        _stops_in_order(machine)
        assert machine.ask("systemctl --failed --plain --no-legend") == ""


@contextmanager
def _explained(machine: BootedDebian) -> Iterator[None]:
    """What the machine's own log says, where something did not happen."""
    try:
        yield
    except AssertionError:
        print(machine.tell("journalctl --no-pager -o short-monotonic -n 120")[1])
        raise


def _enrols_reports_and_is_revoked(machine: BootedDebian, web: str, folder: Path) -> None:
    machine.ask(_as_server("station import /srv/regions.toml"))
    machine.ask(_as_server(f"station add {_STATION}"))
    told = json.loads(machine.ask(_as_server("station enrol ks-a --json")))
    (folder / "ca.pem").write_text(_pem(machine.ask("cat /etc/mosquitto/warmstation/ca.pem")))
    identity = Identity(folder / "station.pem")
    station = Station("ks-a", identity, folder / "ca.pem", Library(), _ask)
    station.enrol(web, told["claim"])
    with _Spoken(machine, folder) as spoken:
        eventually(spoken.is_receipted, _PATIENCE_S)
        eventually(lambda: b"19.8" in _body(f"{web}/feed/v1/station_status.json"), _PATIENCE_S)
        machine.ask(_as_server("station revoke ks-a"))
        eventually(spoken.is_silenced, _PATIENCE_S)


_PATIENT = """\
# It is emulated, and has to be waited for.
[Service]
TimeoutStopSec=600
"""


def _stops_in_order(machine: BootedDebian) -> None:
    machine.ask("date +%s%N > /root/began; systemctl stop warmstation-server")
    took = machine.ask("echo $(( ($(date +%s%N) - $(cat /root/began)) / 1000000 ))")
    print(f"stopped in {took} ms, emulated")
    shown = machine.ask("systemctl show -p Result,NRestarts --value warmstation-server")
    assert shown.split() == ["success", "0"]


def _as_server(words: str) -> str:
    return f"runuser -u warmstation -- {_BIN}/warmstation {words} {_CONFIG}"


def _settled(root: Path) -> dict[str, tuple[object, ...]]:
    """All that an installation may touch."""
    places = ("etc", "var/lib/warmstation", "var/lib/mosquitto", "var/www")
    return {key: it for place in places for key, it in everything(root / place).items()}


def _body(url: str, sent: bytes | None = None) -> bytes:
    """Of the deployment's site; b"" where there is none yet."""
    headers = {"Host": HOST, "Content-Type": "application/json"}
    try:
        asked = urllib.request.Request(url, sent, headers)
        with urllib.request.urlopen(asked, timeout=300) as answer:
            body: bytes = answer.read()
            return body
    except OSError:
        return b""


def _ask(address: str, path: str, asked: Payload, authority: Path) -> bytes:
    """As an agent does it; TLS for people is the operator's to add (certbot)."""
    return _body(address + path, asked.to_json())


def _pem(text: str) -> str:
    return text + "\n"


class _Spoken:
    """A station's connection to the broker in the machine: it reports until it is receipted."""

    def __init__(self, machine: BootedDebian, folder: Path) -> None:
        self._is_out = False
        self._codes: list[int] = []
        self._receipts: list[dict[str, Any]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, "ks-a", protocol=MQTTv5)
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        context.load_cert_chain(folder / "station.pem")
        self._client.tls_set_context(context)
        self._client.on_message = self._hear
        self._client.on_disconnect = self._lost
        self._client.on_publish = lambda _c, _d, _m, reason, _p: self._codes.append(reason.value)
        self._client.connect_timeout = 300
        self._client.connect("localhost", machine.port(8883), keepalive=600)
        self._client.loop_start()
        self._client.subscribe("warmstation/v1/kunshan/ks-a/receipt", 1)
        self._seq, self._next_s = 0, 0.0

    def is_receipted(self) -> bool:
        """Whether a report came back as committed; now and then sends another until one has.

        Not at once: the broker may not have read yet that the station may speak.
        """
        if not self._receipts and time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + _EVERY_S
            self._publish()
        return bool(self._receipts)

    def is_silenced(self) -> bool:
        """Whether the broker hung up on it, or does not take what it says."""
        self._publish()
        return self._is_out or self._codes[-1] >= 0x80

    def __enter__(self) -> _Spoken:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._receipts.append(json.loads(message.payload))

    def _lost(self, *_: object) -> None:
        self._is_out = True

    def _publish(self) -> None:
        self._seq += 1
        report = {
            "v": 1, "station": "ks-a", "stream": "9f3c", "seq": self._seq, "clock": "synced",
            "measured_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "climate": {"room_c": 19.8}, "people": {"inside": 3},
        }  # fmt: skip
        topic = "warmstation/v1/kunshan/ks-a/report"
        answered = len(self._codes)
        self._client.publish(topic, json.dumps(report), 1)
        eventually(lambda: len(self._codes) > answered or self._is_out, _PATIENCE_S)
