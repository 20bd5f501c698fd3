"""The installer in a made-up root: run twice it changes nothing (test_debian has a real one)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.firmware import FIRMWARE, SYSTEM, run

INSTALL = FIRMWARE / "install.sh"
Tree = dict[str, tuple[int, int, str]]


def tree(root: Path) -> Tree:
    """Every file with its mode, its time and its content."""
    found: Tree = {}
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            found[str(path)] = (0, 0, str(path.readlink()))
        elif path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path)] = (path.stat().st_mode, path.stat().st_mtime_ns, digest)
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """As little of a Debian as the installer looks at."""
    for folder in ("boot/firmware", "etc", "lib/systemd/system"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/passwd").touch()
    (tmp_path / "lib/systemd/system/nftables.service").touch()
    (tmp_path / "boot/firmware/config.txt").write_text("arm_64bit=1\n\n[cm5]\ndtoverlay=dwc2\n")
    return tmp_path


def test_a_second_run_changes_nothing(root: Path) -> None:
    first = run(INSTALL, "--root", root, "--files-only")
    assert first.returncode == 0, first.stderr
    before = tree(root)
    second = run(INSTALL, "--root", root, "--files-only")
    assert tree(root) == before
    assert second.stdout.splitlines()[0] == "nothing to do"


def test_all_files_are_where_they_belong(root: Path) -> None:
    run(INSTALL, "--root", root, "--files-only")
    for file in SYSTEM.rglob("*.*"):
        if file.is_file():
            assert (root / file.relative_to(SYSTEM)).read_bytes() == file.read_bytes()
    wants = root / "etc/systemd/system"
    for link in (
        "multi-user.target.wants/warmstation-agent.service",
        "timers.target.wants/warmstation-renew.timer",
        "sysinit.target.wants/nftables.service",
    ):
        assert (wants / link).is_symlink()
    command = root / "usr/local/bin/warmstation-agent"
    assert str(command.readlink()) == "/opt/warmstation/bin/warmstation-agent"
    config = (root / "boot/firmware/config.txt").read_text()
    assert config.endswith("\n[all]\ninclude warmstation.txt\n"), "not inside [cm5]"


def test_what_the_installer_typed_in_is_never_touched(root: Path) -> None:
    own = {"etc/warmstation/station.toml": "mine", "var/lib/warmstation/station.pem": "key"}
    for name, text in own.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    run(INSTALL, "--root", root, "--files-only")
    assert {name: (root / name).read_text() for name in own} == own


def test_a_changed_file_is_put_right_and_only_that(root: Path) -> None:
    run(INSTALL, "--root", root, "--files-only")
    before = tree(root)
    (root / "etc/nftables.conf").write_text("accept everything\n")
    told = run(INSTALL, "--root", root, "--files-only").stdout
    assert told.splitlines()[0] == "wrote /etc/nftables.conf"
    changed = {path for path, facts in tree(root).items() if before[path][2] != facts[2]}
    assert changed == set()


def test_wrong_words_are_told() -> None:
    assert run(INSTALL, "--what").returncode == 2
    assert run(INSTALL, "--root", "/nowhere", "--files-only").returncode == 1
    assert run(INSTALL, "--root", "/tmp").returncode == 1


def test_shellcheck_has_nothing_to_say() -> None:
    done = run("shellcheck", INSTALL)
    assert (done.returncode, done.stdout) == (0, "")
