"""A bare Debian in a directory, and our wheel with all that it stands on beside it.

Made by mmdebstrap (what debootstrap makes, in half the time), once a run for each release, and
unpacked anew for each test. Needs root, as chroot does: `without_root` is the reason to skip where
there is none. Nothing is mounted in it for longer than one command takes.

    with bases.root(BOOKWORM) as debian:
        done = debian.run("/root/firmware-config/install.sh", "--wheel", debian.wheel("edge,pi"))
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.firmware import FIRMWARE, run

OFFLINE = ("env", "PIP_NO_INDEX=1", "PIP_FIND_LINKS=/root/wheels")
_REPOSITORY = FIRMWARE.parent
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_LIBC = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
_PACKAGES = "python3-venv,ca-certificates,systemd,dbus,iproute2,kmod,udev"
"""Beside the essential ones: what each that is started has, and what our README asks for."""
_INSIDE = """\
mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" "$@"
"""


@dataclass(frozen=True)
class Release:
    """A Debian, the Python that it brings, and for which processor."""

    name: str
    python: str
    arch: str = "amd64"

    def __str__(self) -> str:
        return f"{self.name}-{self.arch}"


BOOKWORM = Release("bookworm", "3.11")
TRIXIE = Release("trixie", "3.13")
BOOKWORM_ARM = Release("bookworm", "3.11", "arm64")


def without_root() -> str | None:
    """Why no Debian can be made and entered here; None where it can."""
    if os.geteuid() != 0:
        return "a Debian in a directory is made and entered by root only"
    if run("unshare", "--mount", "true").returncode != 0:  # within a chroot, or a lesser container
        return "no mounts of one's own can be made here, and none are made that outlive a command"
    return None


class Bases:
    """What has been made in this run. `folder` is theirs alone; it is empty at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.tar = cache(self._tar)
        self.wheels = cache(self._wheels)
        self._own = cache(self._built)

    @contextmanager
    def root(self, release: Release, extras: str = "edge,pi") -> Iterator[DebianRoot]:
        """A bare one with the wheels of these extras; gone afterwards."""
        at = self._folder / f"root-{release}"
        at.mkdir()
        try:
            words = ("tar", "--extract", "--numeric-owner", "--directory", at, "--file")
            _well(*words, self.tar(release))
            shutil.copytree(self.wheels(release, extras), at / "root/wheels")
            shutil.copytree(FIRMWARE, at / "root/firmware-config")
            shutil.copy("/etc/resolv.conf", at / "etc/resolv.conf")
            yield DebianRoot(at)
        finally:
            shutil.rmtree(at)

    def clear(self) -> None:
        """Give the disk back."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tar(self, release: Release) -> Path:
        path = self._folder / f"{release}.tar"
        _well(
            "mmdebstrap", "--quiet", "--variant=apt", "--mode=root",
            f"--architectures={release.arch}", f"--include={_PACKAGES}",
            "--dpkgopt=force-unsafe-io", release.name, path,
            f"deb http://deb.debian.org/debian {release.name} main",
        )  # fmt: skip
        return path

    def _wheels(self, release: Release, extras: str) -> Path:
        """As the lock file has them, for the Python and the processor of that release."""
        at = self._folder / f"wheels-{release}-{extras}"
        at.mkdir()
        own = shutil.copy(self._own(), at)
        machine = _MACHINES[release.arch]
        platforms = [f"--platform={libc}_{machine}" for libc in _LIBC]
        _python(
            "pip", "download", "-q", "-d", at, "--only-binary=:all:", *platforms,
            f"--python-version={release.python}", "-c", self._locked(), f"{own}[{extras}]",
        )  # fmt: skip
        return at

    def _built(self) -> Path:
        at = self._folder / "own"
        _python("hatchling", "build", "-t", "wheel", "-d", at)
        return next(at.glob("warmstation-*.whl"))

    def _locked(self) -> Path:
        path = self._folder / "constraints.txt"
        text = (_REPOSITORY / "requirements.lock").read_text()
        path.write_text("\n".join(re.findall(r"^\S+==[^\\\n]+", text, re.MULTILINE)) + "\n")
        return path


class DebianRoot:
    """One root. `path` is where it lies."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def wheel(self, extras: str | None = None) -> str:
        """Our wheel as it is seen inside, with extras where pip is to have them."""
        name = next((self.path / "root/wheels").glob("warmstation-*.whl")).name
        return f"/root/wheels/{name}" + (f"[{extras}]" if extras else "")

    def install(self) -> subprocess.CompletedProcess[str]:
        """Run the installer of a station, as root would on a Pi."""
        return self.run(*OFFLINE, "/root/firmware-config/install.sh", "--wheel", self.wheel())

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run something in it, with /proc and /dev for as long as it takes."""
        return run("unshare", "--mount", "sh", "-c", _INSIDE, self.path, *words)

    def well(self, *words: str) -> str:
        """Run it; its output where it went well."""
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _well(*words: str | Path) -> None:
    done = run(*words)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]


def _python(module: str, *words: str | Path) -> None:
    command = (sys.executable, "-m", module, *map(str, words))
    done = subprocess.run(command, cwd=_REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
