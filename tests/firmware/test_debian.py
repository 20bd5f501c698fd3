"""A real Debian made a station by the installer, as root would on the Pi itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.firmware.test_install import tree
from tests.support.debian_root import BOOKWORM, BOOKWORM_ARM, TRIXIE, Bases, DebianRoot
from tests.support.emulation import emulating_arm64
from tests.support.firmware import UNITS

AGENT = "/opt/warmstation/bin/warmstation-agent"
_WORST = 2.0


def test_a_bare_debian_becomes_a_station_and_a_second_run_changes_nothing(bases: Bases) -> None:
    with bases.root(BOOKWORM) as debian:
        _becomes_a_station(debian)


@pytest.mark.slow
def test_so_does_the_next_debian_and_its_systemd_is_as_content(bases: Bases) -> None:
    with bases.root(TRIXIE) as debian:
        _becomes_a_station(debian)


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
