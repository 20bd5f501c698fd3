"""A real mosquitto on a free loopback port, for tests that need the true broker's manners.

    with Mosquitto(tmp_path, acl=STATION_ACL) as broker:
        client.connect("127.0.0.1", broker.port)
        broker.kill()            # SIGKILL: nothing is saved
        broker.forget()          # its persistence file is gone too
        broker.start()           # on the same port again

It fails, and does not skip, where mosquitto is not installed. Mark such tests
`@pytest.mark.broker`.
"""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port

STATION_ACL = """\
user server
topic readwrite warmstation/v1/#

pattern write warmstation/v1/+/%u/report
pattern write warmstation/v1/+/%u/presence
pattern write warmstation/v1/+/%u/applied
pattern write warmstation/v1/+/%u/result
pattern read warmstation/v1/+/%u/receipt
pattern read warmstation/v1/+/%u/desired
pattern read warmstation/v1/+/%u/command
"""
"""A station speaks and listens for itself only; the user `server` sees everything."""

_STORE = "mosquitto.db"


class Mosquitto:
    """One broker with its own directory; started by `with` or `start()`, always gone afterwards.

    `acl` is the text of an ACL file, `users` are names and passwords (without them anybody may
    connect under any name), `extra` are further lines of mosquitto.conf(5).
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int | None = None,
        persistence: bool = True,
        acl: str | None = None,
        users: Mapping[str, str] | None = None,
        extra: str = "",
    ) -> None:
        self.host = "127.0.0.1"
        self.port = free_port() if port is None else port
        self.directory = directory / f"mosquitto-{self.port}"
        self.directory.mkdir(parents=True)
        self.log_path = self.directory / "mosquitto.log"
        self._config = self.directory / "mosquitto.conf"
        self._process: subprocess.Popen[bytes] | None = None
        self._users = dict(users or {})
        self._write_users()
        self._config.write_text("\n".join([*self._lines(persistence, extra), ""]))
        self.allow(acl)

    def start(self) -> None:
        """Start and return once it accepts connections."""
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [_program("mosquitto"), "-c", str(self._config)], stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE_S
        while not self._accepts():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"mosquitto did not start: {self.log_path.read_text()}")
            threading.Event().wait(0.01)

    def stop(self) -> None:
        """End it with SIGTERM: it writes its persistence file."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
            self._process = None

    def kill(self) -> None:
        """End it with SIGKILL, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            self._process = None

    def forget(self) -> None:
        """Delete what it had stored: retained messages, sessions and queues."""
        (self.directory / _STORE).unlink(missing_ok=True)

    def allow(self, acl: str | None) -> None:
        """Replace the ACL file; in force after the next start. None = everything is allowed."""
        text = "topic readwrite #\npattern readwrite #\n" if acl is None else acl
        path = self.directory / "acl"
        path.write_text(text)
        path.chmod(0o600)

    def log(self) -> str:
        """All that it has said since it was first started."""
        return self.log_path.read_text(errors="replace")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def _lines(self, persistence: bool, extra: str) -> list[str]:
        return [
            f"listener {self.port} 127.0.0.1",
            f"user {getpass.getuser()}",
            f"allow_anonymous {'false' if self._users else 'true'}",
            *([f"password_file {self.directory / 'passwords'}"] if self._users else []),
            f"acl_file {self.directory / 'acl'}",
            f"persistence {'true' if persistence else 'false'}",
            f"persistence_location {self.directory}/",
            f"persistence_file {_STORE}",
            "max_queued_messages 0",
            "max_inflight_messages 0",
            "log_dest stderr",
            extra,
        ]

    def _write_users(self) -> None:
        path = self.directory / "passwords"
        path.touch(mode=0o600)
        for name, password in self._users.items():
            subprocess.run(
                [_program("mosquitto_passwd"), "-b", str(path), name, password], check=True
            )

    def _accepts(self) -> bool:
        try:
            socket.create_connection((self.host, self.port), timeout=1.0).close()
        except OSError:
            return False
        return True


def _program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        raise RuntimeError(f"{name} is not installed: apt-get install mosquitto")
    return found
