"""The uplink over TLS, the station known by its certificate."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.support.mosquitto import Mosquitto, free_port
from tests.support.patience import eventually
from warmstation_edge.clock import SystemClock
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import parse
from warmstation_edge.uplink import Pace
from warmstation_edge.uplink.connect import connect
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


@pytest.mark.broker
def test_a_station_reports_over_tls_under_its_certificates_name(tmp_path: Path) -> None:
    _certificates(tmp_path)
    port, inner = free_port(), free_port()
    tls = "\n".join(
        [
            f"listener {port} 127.0.0.1",
            *(f"{key} {tmp_path / name}" for key, name in _FILES.items()),
            "require_certificate true",
            "use_identity_as_username true",
        ]
    )
    acl = "pattern write warmstation/v1/kunshan/%u/report\npattern write +/v1/+/%u/presence\n"
    with Mosquitto(tmp_path, port=inner, acl=acl, extra=tls) as broker:
        pump, clock = Pump(), SystemClock()
        profile = parse(
            {
                "station": {"id": "ks-a", "district": "kunshan"},
                "broker": {
                    "host": "localhost",
                    "port": port,
                    "tls": {
                        "ca": str(tmp_path / "ca.crt"),
                        "cert": str(tmp_path / "station.crt"),
                        "key": str(tmp_path / "station.key"),
                    },
                },
                "outbox": {"path": str(tmp_path / "outbox.db")},
            }
        )
        outbox = Outbox("ks-a", profile.outbox, clock)
        uplink = connect(profile, outbox, pump, clock, Random(1), pace=Pace(start_s=0.1))
        pump.start()
        try:
            eventually(lambda: uplink.is_online, 10, uplink.turn)
            for _ in range(200):
                outbox.add(Measurement(clock.now(), "synced", 1.0))
            uplink.turn()
            eventually(lambda: not uplink.awaits_broker, 10, uplink.turn)
            assert uplink.faults() == ()
            assert outbox.queued == 200, "nobody has sent a receipt"
        finally:
            pump.stop()
            outbox.abandon()
        assert "as ks-a" in broker.log()


_FILES = {"cafile": "ca.crt", "certfile": "broker.crt", "keyfile": "broker.key"}
