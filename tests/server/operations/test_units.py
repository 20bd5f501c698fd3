"""The server's systemd units, judged by systemd itself."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from tests.support.firmware import run

FILES = Path(str(files("warmstation_server.operations"))) / "files"
SERVICES = sorted(FILES.glob("*.service"))
UNITS = [*SERVICES, *FILES.glob("*.path")]
WORST = 2.0
PROGRAMS = ("/opt/warmstation/bin/warmstation", "/usr/bin/install", "/usr/bin/systemctl")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.stem)
def test_a_service_is_exposed_as_little_as_promised(unit: Path) -> None:
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= WORST


def test_systemd_has_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text()
        for program in PROGRAMS:
            text = text.replace(f"{program} ", "/bin/true ")
        (tmp_path / unit.name).write_text(text)
    done = run("systemd-analyze", "verify", *sorted(tmp_path.iterdir()))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_server_is_started_again_and_has_time_to_commit() -> None:
    text = (FILES / "warmstation-server.service").read_text()
    assert "\nRestart=always\n" in text
    found = re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert found is not None
    assert int(found[1]) > 5
