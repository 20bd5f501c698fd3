"""`warmstation install` into a directory that stands for a system."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.firmware import run
from tests.support.patience import eventually
from tests.support.ports import free_port
from warmstation.commands import app
from warmstation_server import precheck
from warmstation_server.config import BrokerConfig, Config, check
from warmstation_server.errors import BrokerAway
from warmstation_server.intake import trial
from warmstation_server.operations.errors import CannotInstall
from warmstation_server.operations.install import Installation

NOW = datetime.now(UTC)
HOST = "warm.example.cn"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("root")
    Installation(HOST, found).make(NOW)
    return found


def everything(root: Path) -> dict[str, tuple[object, ...]]:
    """Content, owner, mode and time of all there is."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(root.rglob("*")):
        told = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        times = (told.st_mtime_ns,) if content is not None else ()
        found[str(path)] = (told.st_mode, told.st_uid, told.st_gid, content, *times)
    return found


def as_seen_there(root: Path) -> Config:
    """The installed server.toml, with its paths where they lie in the test."""
    file = root / "etc/warmstation/server.toml"
    here = root / "here.toml"
    here.write_text(file.read_text().replace('"/', f'"{root}/'))
    try:
        return check(here, {})
    finally:
        here.unlink()


def test_twice_changes_nothing(root: Path) -> None:
    before = everything(root)
    assert Installation(HOST, root).make(NOW + timedelta(days=40)) == []
    assert everything(root) == before


def test_what_it_writes_is_a_configuration_without_faults(root: Path) -> None:
    found = as_seen_there(root)
    assert precheck.faults(found, {}) == []
    assert found.base_url == f"https://{HOST}"


def test_secrets_are_for_their_owner_only(root: Path) -> None:
    for path in (
        "var/lib/warmstation/authority/ca.key",
        "etc/mosquitto/warmstation/broker.key",
        "etc/mosquitto/warmstation/server.key",
    ):
        assert (root / path).stat().st_mode & 0o777 == 0o600
    assert (root / "etc/warmstation/server.toml").stat().st_mode & 0o007 == 0


def test_nothing_names_the_samples_host_or_the_directory(root: Path) -> None:
    for path in (root / "etc").rglob("*"):
        if path.is_file() and path.stat().st_mode & 0o400:
            text = path.read_bytes()
            assert b"stations.example.org" not in text, path
            assert str(root).encode() not in text, path


def test_what_the_operator_changed_is_kept(tmp_path: Path) -> None:
    here = Installation(HOST, tmp_path)
    here.make(NOW)
    kept = ("etc/warmstation/server.toml", "etc/nginx/sites-available/warmstation")
    for name in kept:
        (tmp_path / name).write_text((tmp_path / name).read_text() + "# ours\n")
    key = (tmp_path / "etc/mosquitto/warmstation/server.key").read_text()
    unit = tmp_path / "etc/systemd/system/warmstation-server.service"
    unit.write_text("")
    assert here.make(NOW) == ["wrote /etc/systemd/system/warmstation-server.service"]
    assert all((tmp_path / name).read_text().endswith("# ours\n") for name in kept)
    assert (tmp_path / "etc/mosquitto/warmstation/server.key").read_text() == key


def test_the_server_finds_its_broker_without_asking_for_a_name(root: Path) -> None:
    assert as_seen_there(root).broker.host == "127.0.0.1"


def test_another_host_gets_another_certificate_of_the_same_authority(tmp_path: Path) -> None:
    Installation(HOST, tmp_path).make(NOW)
    broker = tmp_path / "etc/mosquitto/warmstation"
    authority, first = (broker / "ca.pem").read_bytes(), (broker / "broker.pem").read_bytes()
    said = Installation("other.example.cn", tmp_path).make(NOW)
    assert any("certificate for other.example.cn" in line for line in said)
    assert (broker / "broker.pem").read_bytes() != first
    assert (broker / "ca.pem").read_bytes() == authority


@pytest.mark.parametrize(
    ("there", "sentence"),
    [
        (Installation(HOST, Path("/nowhere")), "/nowhere: there is no such directory"),
        (Installation(HOST, Path("/tmp"), Path("/root/w")), "the service sees no home directory"),
    ],
)
def test_what_is_in_the_way_is_one_sentence(there: Installation, sentence: str) -> None:
    with pytest.raises(CannotInstall, match=sentence):
        there.make(NOW)


def test_the_command_says_what_it_did_and_what_is_next(tmp_path: Path) -> None:
    words = ["install", HOST, "--root", str(tmp_path)]
    first = CliRunner().invoke(app, words)
    assert first.exit_code == 0, first.output
    assert "wrote /etc/warmstation/server.toml" in first.output
    assert "next: " in first.output
    assert CliRunner().invoke(app, words).output == "nothing to do\n"


@pytest.mark.broker
def test_the_installed_broker_lets_the_installed_server_in_and_nobody_else(
    root: Path, tmp_path: Path
) -> None:
    port, conf = free_port(), tmp_path / "mosquitto.conf"
    text = (root / "etc/mosquitto/warmstation/mosquitto.conf").read_text()
    text = text.replace("listener 8883", f"listener {port} 127.0.0.1").replace(" /", f" {root}/")
    conf.write_text(f"{text}user root\n")
    found = as_seen_there(root).broker.model_copy(update={"port": port})
    nobody = found.model_copy(update={"cert_file": None, "key_file": None})
    with subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(conf)]) as process:
        try:
            eventually(lambda: is_there(found))
            with pytest.raises(BrokerAway):
                trial.greet(nobody)
        finally:
            process.terminate()


def is_there(broker: BrokerConfig) -> bool:
    """Whether it lets the server in."""
    try:
        trial.greet(broker)
    except BrokerAway:
        return False
    return True


def test_nginx_reads_the_installed_site(root: Path, tmp_path: Path) -> None:
    conf = tmp_path / "nginx.conf"
    site = root / "etc/nginx/sites-enabled/warmstation"
    include = str(root) + str(site.readlink())
    conf.write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{ access_log off; include {include}; }}\n"
    )
    done = run("nginx", "-t", "-p", tmp_path, "-c", conf)
    assert done.returncode == 0, done.stderr
