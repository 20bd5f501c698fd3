"""`warmstation station enrol|revoke|commissionings` and `warmstation broker config`."""

from __future__ import annotations

import json
import socket
import stat
import subprocess
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.support.migrated import migrated
from tests.support.patience import eventually
from tests.support.places import REGIONS
from tests.support.ports import free_port
from warmstation_server.cli import add_to
from warmstation_server.config import check
from warmstation_server.registry import dumps

STATION = "id,district,name_zh,lat,lon,region,hours,capacity\n"
STATION += "ks-a,kunshan,淞南,31.26,121.0,songnan,24/7,12\n"


class Terminal:
    """The command line over a registry with one station."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "server.toml"
        self.config.write_text('data_dir = "data"\n')
        migrated(folder / "data" / "registry.db")
        (folder / "regions.toml").write_text(dumps(REGIONS, []), "utf-8")
        (folder / "stations.csv").write_text(STATION, "utf-8")
        self._app = typer.Typer()
        add_to(self._app)
        for name in ("regions.toml", "stations.csv"):
            assert self.run("station", "import", folder / name).exit_code == 0

    def run(self, *words: str | Path) -> Result:
        at = ["--config", str(self.config)]
        return CliRunner().invoke(self._app, [*map(str, words), *at])


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_claim_is_told_with_what_to_type_on_the_pi(terminal: Terminal) -> None:
    told = terminal.run("station", "enrol", "ks-a").stdout
    claim = told.splitlines()[0].removeprefix("claim: ")
    assert claim.startswith("ks-a.")
    assert f"warmstation-agent enrol --server http://127.0.0.1:8000 {claim}" in told
    found = json.loads(terminal.run("station", "enrol", "ks-a", "--json").stdout)
    assert found["claim"] != claim
    assert Path(found["ca"]).is_file()


def test_an_unknown_station_gets_no_claim(terminal: Terminal) -> None:
    done = terminal.run("station", "enrol", "ks-nowhere")
    assert done.exit_code == 1
    assert "no station has the id" in done.stderr


def test_revoking_runs_what_tells_the_broker(terminal: Terminal, tmp_path: Path) -> None:
    told = tmp_path / "told"
    terminal.config.write_text(f'data_dir = "data"\n[enrolment]\nreload = "touch {told}"\n')
    done = terminal.run("station", "revoke", "ks-a", "--json")
    assert json.loads(done.stdout) == {
        "station": "ks-a",
        "revoked": [],
        "connection_ended": False,
    }
    assert told.exists()
    terminal.config.write_text('data_dir = "data"\n[enrolment]\nreload = "false"\n')
    failed = terminal.run("station", "revoke", "ks-a")
    assert failed.exit_code == 1
    assert "the broker was not told" in failed.stderr


def test_there_is_no_commissioning_yet(terminal: Terminal) -> None:
    assert json.loads(terminal.run("station", "commissionings", "ks-a", "--json").stdout) == []


@pytest.mark.broker
def test_the_brokers_files_are_taken_by_mosquitto_and_by_our_own_configuration(
    terminal: Terminal, tmp_path: Path
) -> None:
    out, state, port = tmp_path / "mosquitto", tmp_path / "state", free_port()
    state.mkdir()
    words = ("localhost", "--out", out, "--port", str(port), "--state", state)
    done = terminal.run("broker", "config", *words, "--listen", "127.0.0.1")
    assert done.exit_code == 0, done.output
    keys = {name: (out / name).read_text() for name in ("broker.key", "server.key")}
    assert terminal.run("broker", "config", *words).exit_code == 0
    assert keys == {name: (out / name).read_text() for name in keys}, "keys are made once"
    assert stat.S_IMODE((out / "broker.key").stat().st_mode) == 0o600
    table = done.stdout.partition("[broker]")[2].rpartition("acl and crl.pem there")[0]
    terminal.config.write_text(f'data_dir = "data"\n[broker]{table}')
    assert check(terminal.config).broker.client_id == "_server"
    conf = (out / "mosquitto.conf").read_text()
    for line in ("allow_anonymous false", "require_certificate true", "persistence true",
                 "use_identity_as_username true", "use_username_as_clientid true",
                 "max_packet_size 65536", "tls_version tlsv1.2"):  # fmt: skip
        assert f"\n{line}\n" in conf
    (out / "mosquitto.conf").write_text(conf + "user root\n")
    broker = subprocess.Popen(
        ["/usr/sbin/mosquitto", "-c", str(out / "mosquitto.conf")], stderr=subprocess.DEVNULL
    )
    try:
        eventually(lambda: broker.poll() is not None or listens(port))
        assert broker.poll() is None, "it objects to something"
    finally:
        broker.kill()
        broker.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
