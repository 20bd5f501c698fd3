"""The uplink over TLS, the station known by its certificate."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.support.mosquitto import Mosquitto
from tests.support.patience import eventually
from tests.support.ports import free_port
from warmstation_edge.clock import SystemClock
from warmstation_edge.errors import BadProfile
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import Profile, parse
from warmstation_edge.uplink import Pace
from warmstation_edge.uplink.connect import connect
from warmstation_edge.uplink.paho_link import PahoLink
from warmstation_edge.uplink.pump import Pump


def _certificates(folder: Path) -> None:
    """An authority, and one certificate each for the broker and for station ks-a."""
    run = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    authority = ("-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority")
    _openssl(folder, *run, *authority)
    for name, common_name in (("broker", "localhost"), ("station", "ks-a")):
        (folder / f"{name}.ext").write_text(f"subjectAltName=DNS:{common_name}\n")
        asked = ("-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={common_name}")
        _openssl(folder, "openssl", "req", "-newkey", "rsa:2048", "-nodes", *asked)
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
        files = ("-in", f"{name}.csr", "-out", f"{name}.crt", "-extfile", f"{name}.ext")
        _openssl(folder, "openssl", "x509", "-req", *files, *signed)


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True)


def _broker(folder: Path, port: int) -> Mosquitto:
    """One that asks for a certificate at this port."""
    tls = "\n".join(
        [
            f"listener {port} 127.0.0.1",
            *(f"{key} {folder / name}" for key, name in _FILES.items()),
            "require_certificate true",
            "use_identity_as_username true",
        ]
    )
    acl = "pattern write warmstation/v1/kunshan/%u/report\npattern write +/v1/+/%u/presence\n"
    return Mosquitto(folder, port=free_port(), acl=acl, extra=tls)


def _profile(folder: Path, port: int, **own: str) -> Profile:
    tls = {"ca": str(folder / "ca.crt")} | {key: str(folder / name) for key, name in own.items()}
    return parse(
        {
            "station": {"id": "ks-a", "district": "kunshan"},
            "broker": {"host": "localhost", "port": port, "tls": tls},
            "outbox": {"path": str(folder / "outbox.db")},
        }
    )


@pytest.mark.broker
def test_one_that_is_not_enrolled_yet_measures_and_connects_when_it_is(tmp_path: Path) -> None:
    _certificates(tmp_path)
    port = free_port()
    with _broker(tmp_path, port):
        pump, clock = Pump(), SystemClock()
        profile = _profile(tmp_path, port, cert="station.pem")
        outbox = Outbox("ks-a", profile.outbox, clock)
        uplink = connect(profile, outbox, pump, clock, Random(1), pace=Pace(start_s=0.1))
        pump.start()
        try:
            outbox.add(Measurement(clock.now(), "synced", 1.0))
            link = uplink.link
            assert isinstance(link, PahoLink)
            first = link.connect_at
            eventually(lambda: link.connect_at > first, doing=uplink.turn)
            assert not uplink.is_online
            parts = (tmp_path / f"station.{kind}" for kind in ("key", "crt"))
            (tmp_path / "station.pem").write_text("".join(part.read_text() for part in parts))
            eventually(lambda: uplink.is_online, doing=uplink.turn)
            eventually(lambda: not uplink.awaits_broker, doing=uplink.turn)
        finally:
            pump.stop()
            outbox.abandon()


def test_an_identity_that_the_card_has_spoilt_is_told_and_keeps_no_station_from_measuring(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _certificates(tmp_path)
    (tmp_path / "station.pem").write_text("half a k")
    profile = _profile(tmp_path, 1, cert="station.pem")
    outbox, pump = Outbox("ks-a", profile.outbox, SystemClock()), Pump()
    connect(profile, outbox, pump, SystemClock(), Random(1))
    assert "until this station is enrolled anew" in caplog.text
    assert "station.pem: broker.tls: cannot be used" in caplog.text
    pump.stop()
    outbox.abandon()


def test_a_certificate_that_the_installer_named_wrong_is_told_at_the_start(tmp_path: Path) -> None:
    _certificates(tmp_path)
    profile = _profile(tmp_path, 1, cert="station.crt", key="nowhere.key")
    outbox, pump = Outbox("ks-a", profile.outbox, SystemClock()), Pump()
    with pytest.raises(BadProfile, match="cannot be used"):
        connect(profile, outbox, pump, SystemClock(), Random(1))
    pump.stop()
    outbox.abandon()


@pytest.mark.broker
def test_a_station_reports_over_tls_under_its_certificates_name(tmp_path: Path) -> None:
    _certificates(tmp_path)
    port = free_port()
    with _broker(tmp_path, port) as broker:
        pump, clock = Pump(), SystemClock()
        profile = _profile(tmp_path, port, cert="station.crt", key="station.key")
        outbox = Outbox("ks-a", profile.outbox, clock)
        uplink = connect(profile, outbox, pump, clock, Random(1), pace=Pace(start_s=0.1))
        pump.start()
        try:
            eventually(lambda: uplink.is_online, doing=uplink.turn)
            for _ in range(200):
                outbox.add(Measurement(clock.now(), "synced", 1.0))
            uplink.turn()
            eventually(lambda: not uplink.awaits_broker, doing=uplink.turn)
            assert uplink.faults() == ()
            assert outbox.queued == 200, "nobody has sent a receipt"
        finally:
            pump.stop()
            outbox.abandon()
        assert "as ks-a" in broker.log()


_FILES = {"cafile": "ca.crt", "certfile": "broker.crt", "keyfile": "broker.key"}
