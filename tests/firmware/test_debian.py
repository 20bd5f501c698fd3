"""A real Debian made a station by the installer, as root would on the Pi itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.firmware.test_install import tree
from tests.support.debian_root import BOOKWORM, BOOKWORM_ARM, TRIXIE, Bases, DebianRoot, Release
from tests.support.emulation import emulating_arm64
from tests.support.firmware import FIRMWARE, UNITS

AGENT = "/opt/warmstation/bin/warmstation-agent"
_WORST = 2.0


def test_a_bare_debian_becomes_a_station_and_a_second_run_changes_nothing(bases: Bases) -> None:
    with bases.root(BOOKWORM) as debian:
        _becomes_a_station(debian)
        _is_as_small_as_promised(debian)


@pytest.mark.slow
def test_so_does_the_next_debian_and_its_systemd_is_as_content(bases: Bases) -> None:
    with bases.root(TRIXIE) as debian:
        _becomes_a_station(debian)
        _is_as_small_as_promised(debian)


@pytest.fixture
def _arm64() -> Iterator[None]:
    with emulating_arm64() as reason:
        if reason is not None:
            pytest.skip(reason)
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("_arm64")
def test_so_does_one_on_the_processor_of_a_pi(bases: Bases) -> None:
    with bases.root(BOOKWORM_ARM) as debian:
        assert debian.well("uname", "-m").strip() == "aarch64"
        _becomes_a_station(debian)


@pytest.mark.slow
@pytest.mark.parametrize("release", [BOOKWORM, TRIXIE], ids=str)
def test_cloud_init_takes_the_user_data(bases: Bases, release: Release) -> None:
    with bases.root(release) as debian:
        debian.well("apt-get", "update", "-qq")
        debian.well("apt-get", "install", "-y", "-qq", "--no-install-recommends", "cloud-init")
        at = f"root/firmware-config/cloud-init/{release.name}/user-data"
        data = yaml.safe_load((debian.path / at).read_text("utf-8"))
        data.pop("rpi", None)  # Raspberry Pi's own addition, which Debian's cloud-init has not
        (debian.path / "root/user-data").write_text(f"#cloud-config\n{yaml.safe_dump(data)}")
        said = debian.well("cloud-init", "schema", "--config-file", "/root/user-data")
        assert "Valid" in said
        (debian.path / "root/user-data").write_text("#cloud-config\nruncmd: 7\n")
        assert debian.run("cloud-init", "schema", "--config-file", "/root/user-data").returncode


@pytest.mark.slow
def test_the_hooks_of_the_image_make_a_root_a_station(bases: Bases, tmp_path: Path) -> None:
    with bases.root(TRIXIE) as debian:
        debian.well("apt-get", "update", "-qq")
        debian.well("apt-get", "install", "-y", "-qq", "--no-install-recommends", "nftables")
        (tmp_path / "ca.pem").write_text("pinned")
        wheels = debian.path / "root/wheels"
        said = {
            "IGconf_warmstation_files": FIRMWARE,
            "IGconf_warmstation_ca": tmp_path / "ca.pem",
            "IGconf_warmstation_wheels": wheels,
            "BDEBSTRAP_HOOKS": tmp_path,
            "PIP_NO_INDEX": 1,
            "PIP_FIND_LINKS": "/root/wheels",
        }
        # rpi-image-gen's own, which does the same.
        (tmp_path / "enable-units").write_text(_ENABLE_UNITS)
        (tmp_path / "enable-units").chmod(0o755)
        environment = os.environ | {name: str(value) for name, value in said.items()}
        layer = (FIRMWARE / "image/layer/warmstation.yaml").read_text().partition("---\n")[2]
        for hook in yaml.safe_load(layer)["mmdebstrap"]["customize-hooks"]:  # as mmdebstrap does
            words = ("sh", "-c", hook, "exec", str(debian.path))
            done = subprocess.run(
                words, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, hook + done.stdout + done.stderr
        assert "doctor" in debian.well(AGENT, "--help")
        assert (debian.path / "etc/warmstation/ca.pem").read_text() == "pinned"
        shared = debian.path / "etc/rpi-image-gen/slot-shared.d/warmstation.conf"
        assert "Path=/var/lib/warmstation\n" in shared.read_text()
        assert "Path=/etc/NetworkManager/system-connections\n" in shared.read_text()
        networks = (debian.path / "etc/NetworkManager/conf.d/warmstation.conf").read_text()
        assert networks.splitlines()[:2] == ["[device]", "wifi.backend=iwd"]
        assert debian.install().returncode == 0, "and the installer is content with it"
        _judged(debian)


_ENABLE_UNITS = """\
#!/bin/sh
root=$1; shift
exec systemctl --root="$root" enable "$@"
"""


def _becomes_a_station(debian: DebianRoot) -> None:
    first = debian.install()
    assert first.returncode == 0, first.stdout + first.stderr
    assert "installed the agent" in first.stdout.splitlines()
    before = tree(debian.path)
    second = debian.install()
    assert (second.returncode, second.stdout.splitlines()[0]) == (0, "nothing to do")
    assert tree(debian.path) == before
    _judged(debian)
    assert "doctor" in debian.well(AGENT, "--help")
    for module in ("cryptography.x509", "pydantic_core", "smbus2", "serial", "gpiozero"):
        debian.well("/opt/warmstation/bin/python", "-c", f"import {module}")


def _is_as_small_as_promised(debian: DebianRoot) -> None:
    """A station with everything, as its unit starts it: with the Python and OpenSSL of that Debian.

    45 MB are promised; a connection over TLS, which there is none of here, takes 2 of them.
    """
    text = (UNITS / "warmstation-agent.service").read_text("utf-8")
    settings = " ".join(re.findall(r"^Environment=(.+)$", text, re.MULTILINE)).split()
    (debian.path / "srv/weigh.py").write_text(_WEIGH)
    shutil.copy(FIRMWARE / "profiles/complete.toml", debian.path / "srv/station.toml")
    known = (debian.path / "etc/ssl/certs/ca-certificates.crt").read_text("ascii")
    one, end, _ = known.partition("-----END CERTIFICATE-----\n")  # a deployment has one authority
    (debian.path / "etc/warmstation/ca.pem").write_text(one + end)
    held = debian.well("env", *settings, "GPIOZERO_PIN_FACTORY=mock", "python3", "/srv/weigh.py")
    print(f"the agent holds {held.strip()} bytes")
    assert 30_000_000 < int(held) < 43_000_000


_WEIGH = f"""\
import os, signal, socket, subprocess
listen = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listen.bind("/srv/notify")
said = os.environ | {{"NOTIFY_SOCKET": "/srv/notify", "WATCHDOG_USEC": "3000000"}}
os.makedirs("/run/warmstation", exist_ok=True)
words = ["{AGENT}", "run", "--config", "/srv/station.toml"]
agent = subprocess.Popen(words, env=said, cwd="/run/warmstation", stderr=subprocess.DEVNULL)
while listen.recv(64) != b"READY=1": pass
for _ in range(8):  # a second each: everything has been sampled
    assert listen.recv(64) == b"WATCHDOG=1"
with open(f"/proc/{{agent.pid}}/statm") as file:
    print(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
agent.send_signal(signal.SIGTERM)
assert agent.wait() == 0
"""


def _judged(debian: DebianRoot) -> None:
    """By that Debian's own systemd, in place."""
    units = sorted(unit.name for unit in UNITS.iterdir())
    verified = debian.run("systemd-analyze", "--man=no", "verify", *units)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")
    services = [name for name in units if name.endswith(".service")]
    assert services
    for name in services:
        assert exposure(debian, f"/etc/systemd/system/{name}") <= _WORST


def exposure(debian: DebianRoot, unit: str) -> float:
    """What `systemd-analyze security` of that Debian says of a unit's file."""
    done = debian.run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found is not None, done.stderr
    print(f"{unit}: {found[1]}")
    return float(found[1])
