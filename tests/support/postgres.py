"""A real PostgreSQL on a free loopback port: one cluster a test session, one database a test.

It fails, and does not skip, where PostgreSQL is not installed.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from warmstation_server.registry import Registry

_UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""A cluster that lives as long as its tests need not survive a power cut; and nobody has to look
after the hundreds of databases in it, of which each is used once."""


class Postgres:
    """One cluster; its databases are called t1, t2 ..."""

    def __init__(self) -> None:
        # Not among pytest's folders: those are its user's alone, and root is not PostgreSQL's user.
        self._folder = Path(tempfile.mkdtemp(prefix="warmstation-postgres-"))
        self._data = self._folder / "data"
        self._log = self._folder / "postgres.log"
        self._numbers = itertools.count(1)
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self._schema: str | None = None

    def __enter__(self) -> Self:
        programs = _programs()
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        init = [str(programs / "initdb"), "-D", str(self._data), "-A", "trust", "-U", "registry"]
        subprocess.run(
            _as_postgres([*init, "-E", "UTF8", "--locale=C", "-N"]), check=True, capture_output=True
        )
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Up, on the same port as before."""
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        for setting in _UNSAFE:
            options += ["-c", setting]
        command = [str(_programs() / "postgres"), "-D", str(self._data), *options]
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(_as_postgres(command), stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                psycopg.connect(self._dsn("postgres"), connect_timeout=1).close()
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(self._log.read_text()) from None
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """Down at once, whoever is connected."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()
            self._server = None

    def fresh(self, like: str = "template1") -> str:
        """The URL of a new database, empty unless it is like another one."""
        name = f"t{next(self._numbers)}"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return f"postgresql+psycopg://registry@127.0.0.1:{self.port}/{name}"

    def migrated(self) -> str:
        """The URL of a new registry: its tables are there, and not a row."""
        if self._schema is None:
            url = self.fresh()
            Registry.open(url).close()
            self._schema = url.rpartition("/")[2]
        return self.fresh(like=self._schema)

    def _dsn(self, name: str) -> str:
        return f"postgresql://registry@127.0.0.1:{self.port}/{name}"


def _programs() -> Path:
    """Debian keeps them by version, off the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    return versions[-1].parent


def _as_postgres(command: list[str]) -> list[str]:
    if os.getuid() != 0:
        return command
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", *command]
