"""Makes a bare Debian 12 a server: `warmstation install HOST`. Run again, it changes nothing.

Writes no key twice, and server.toml only where there is none: it is the operator's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from warmstation_server.enrolment.hosts import check_name
from warmstation_server.operations import broker
from warmstation_server.operations.changes import Changes
from warmstation_server.operations.errors import CannotInstall

SAMPLE_HOST = "stations.example.org"
SAMPLE_PROGRAM = Path("/opt/warmstation/bin/warmstation")
PACKAGES = ("mosquitto", "nginx-light", "ca-certificates", "procps")
"""procps: mosquitto's own unit reloads it with /bin/kill, which a minimal Debian has not."""
_UNITS = "/etc/systemd/system"
_SERVICES = {
    "warmstation-server.service": "multi-user.target",
    "warmstation-admission.path": "paths.target",
    "warmstation-admission.service": "multi-user.target",
}
"""Units, and the target that wants each."""


@dataclass(frozen=True, slots=True)
class Installation:
    """For one host. With another `root` only its files are made: no packages, nothing started."""

    host: str
    root: Path = Path("/")
    program: Path = SAMPLE_PROGRAM

    def make(self, now: datetime) -> list[str]:
        """What was not there yet, in words; CannotInstall or BadHost says why it was not made."""
        changes = Changes(self.root)
        check_name(self.host)
        self._check()
        try:
            if self._is_this_machine:
                _install_packages(changes)
            self._files(changes)
            self._users(changes)
            self._directories(changes)
            self._settings(changes)
            broker.certify(changes, self.host, now)
            changes.give("/var/lib/warmstation", "warmstation")
            self._enable(changes)
        except OSError as error:
            if isinstance(error, CannotInstall):
                raise
            raise CannotInstall(f"{error.filename}: cannot be written: {error.strerror}") from None
        if self._is_this_machine and changes.said:
            _start()
        return changes.said

    @property
    def _is_this_machine(self) -> bool:
        return self.root == Path("/")

    def _check(self) -> None:
        if self._is_this_machine and os.geteuid() != 0:
            raise CannotInstall("run this as root, or with --root for the files only")
        if not self.root.is_dir():
            raise CannotInstall(f"{self.root}: there is no such directory")
        if self.program.is_relative_to("/home") or self.program.is_relative_to("/root"):
            raise CannotInstall(
                f"{self.program}: the service sees no home directory; "
                "make the environment at /opt/warmstation"
            )

    def _files(self, changes: Changes) -> None:
        changes.file("/etc/sysusers.d/warmstation-server.conf", self._text("sysusers.conf"))
        changes.file("/etc/tmpfiles.d/warmstation-server.conf", self._text("tmpfiles.conf"))
        for unit in _SERVICES:
            changes.file(f"{_UNITS}/{unit}", self._text(unit))
        drop_in = f"{_UNITS}/mosquitto.service.d/warmstation.conf"
        changes.file(drop_in, self._text("mosquitto.service.conf"))
        site = changes.at("/etc/nginx/sites-available/warmstation")
        if not site.exists():  # certbot writes into it
            changes.file("/etc/nginx/sites-available/warmstation", self._text("nginx.conf"))

    def _users(self, changes: Changes) -> None:
        if changes.has_users("warmstation", "mosquitto"):
            return
        program = shutil.which("systemd-sysusers", path="/usr/bin:/bin")
        if program is None:
            raise CannotInstall("systemd-sysusers is missing: this is made for Debian with systemd")
        _run(program, f"--root={self.root}", "warmstation-server.conf")
        changes.said.append("made the users warmstation and mosquitto")

    def _directories(self, changes: Changes) -> None:
        for line in self._text("tmpfiles.conf").splitlines():
            if line.startswith("d "):
                _, path, mode, user, group, _ = line.split()
                changes.directory(path, int(mode, 8), user, group)

    def _settings(self, changes: Changes) -> None:
        path = "/etc/warmstation/server.toml"
        if not changes.at(path).exists():
            changes.file(path, self._text("server.toml"), 0o640, group="warmstation")

    def _enable(self, changes: Changes) -> None:
        for unit, target in _SERVICES.items():
            changes.link(f"{_UNITS}/{target}.wants/{unit}", f"{_UNITS}/{unit}")
        site = "/etc/nginx/sites-available/warmstation"
        changes.link("/etc/nginx/sites-enabled/warmstation", site)

    def _text(self, name: str) -> str:
        text = sample(name).replace(SAMPLE_HOST, self.host)
        return text.replace(str(SAMPLE_PROGRAM), str(self.program))


def sample(name: str) -> str:
    """One of the shipped files."""
    return files(__package__).joinpath("files", name).read_text(encoding="utf-8")


def _install_packages(changes: Changes) -> None:
    missing = [name for name in PACKAGES if not _is_installed(name)]
    if missing:
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing)
        changes.said.append("installed " + " ".join(missing))


def _is_installed(name: str) -> bool:
    words = ["dpkg-query", "-W", "-f=${Status}", name]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    return "ok installed" in done.stdout


def _start() -> None:
    if not Path("/run/systemd/system").is_dir():
        return
    _run("systemctl", "daemon-reload")
    _run("systemctl", "restart", "mosquitto.service", "warmstation-server.service")
    _run("systemctl", "restart", "warmstation-admission.path", "warmstation-admission.service")
    _run("systemctl", "reload-or-restart", "nginx.service")


def _run(*words: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    except OSError as error:
        raise CannotInstall(f"{words[0]}: cannot be run: {error.strerror}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise CannotInstall(f"{words[0]} {words[1]}: {said[-1] if said else 'failed'}")
