"""A bare Debian 12 made a server by `warmstation install`, as root would on the machine itself.

Slow: packages are downloaded.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.operations.test_install import HOST, everything
from tests.support.debian_root import OFFLINE, DebianRoot

pytestmark = pytest.mark.slow

_BIN = "/opt/warmstation/bin"
_AS_SERVER = ("runuser", "-u", "warmstation", "--")
_CONFIG = ("--config", "/etc/warmstation/server.toml")


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> DebianRoot:
    """With the program in its environment; services of packages are not started in it."""
    found = DebianRoot(tmp_path_factory.mktemp("debian"), "server")
    policy = found.path / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    well(found, "python3", "-m", "venv", "/opt/warmstation")
    well(found, *OFFLINE, f"{_BIN}/pip", "install", "-q", f"{found.wheel}[server]")
    return found


def well(debian: DebianRoot, *words: str) -> str:
    """Run it; its output where it went well."""
    done = debian.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def settled(root: Path) -> dict[str, tuple[object, ...]]:
    """All that an installation may touch."""
    places = ("etc", "var/lib/warmstation", "var/lib/mosquitto", "var/www")
    return {key: it for place in places for key, it in everything(root / place).items()}


def test_a_bare_debian_becomes_a_server_and_twice_changes_nothing(debian: DebianRoot) -> None:
    first = well(debian, f"{_BIN}/warmstation", "install", HOST)
    assert "installed mosquitto nginx-light" in first
    before = settled(debian.path)
    assert well(debian, f"{_BIN}/warmstation", "install", HOST) == "nothing to do\n"
    assert settled(debian.path) == before
    units = ("warmstation-server.service", "warmstation-revocations.path", "mosquitto.service")
    verified = debian.run("systemd-analyze", "--man=no", "verify", *units)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert debian.run("nginx", "-t").returncode == 0
    said = well(debian, *_AS_SERVER, f"{_BIN}/warmstation", "check-config", *_CONFIG)
    assert said == "/etc/warmstation/server.toml is good\n"
    listed = well(debian, *_AS_SERVER, f"{_BIN}/warmstation", "station", "list", "--json", *_CONFIG)
    assert listed == "[]\n"
