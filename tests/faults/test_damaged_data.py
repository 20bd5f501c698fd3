"""A data directory that cannot be written, or is damaged under a running server."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.flow_city import city
from tests.support.flow_server import ServeProcess, command
from tests.support.mosquitto import Mosquitto
from warmstation_edge.simulator.fleet import load

pytestmark = pytest.mark.broker
FLEET = load("kunshan").first(2)


@contextmanager
def read_only(directory: Path) -> Iterator[None]:
    """No byte of it can be written, by root neither where root may mount."""
    if os.geteuid() != 0:
        directory.chmod(0o500)
        yield
        directory.chmod(0o700)
        return
    mount, umount = shutil.which("mount") or "", shutil.which("umount") or ""
    bound = subprocess.run(
        [mount, "--bind", directory, directory], capture_output=True, check=False
    )
    if bound.returncode:
        pytest.skip(f"nothing can be mounted here: {bound.stderr.decode().strip()}")
    try:
        again = [mount, "-o", "remount,ro,bind", str(directory)]
        subprocess.run(again, check=True, capture_output=True)
        yield
    finally:
        subprocess.run([umount, "--lazy", str(directory)], check=True)


def test_a_read_only_data_directory_is_one_sentence_and_no_server(tmp_path: Path) -> None:
    server = ServeProcess(tmp_path / "server", 1)
    server.register(FLEET)
    with read_only(server.config.data_dir):
        ended = command("serve", "--config", str(server.file))
        checked = command("check-config", "--config", str(server.file))
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1), ended.stderr
    assert str(server.config.data_dir) in ended.stderr
    assert checked.returncode == 1
    assert "data_dir: " in checked.stderr


def test_a_history_damaged_at_work_ends_the_server_with_a_sentence_and_without_a_receipt(
    tmp_path: Path,
) -> None:
    with Mosquitto(tmp_path) as broker:
        server = ServeProcess(tmp_path / "server", broker.port)
        server.register(FLEET)
        with server, city(FLEET, broker.port, tmp_path / "outboxes") as (here, books):
            here.until(lambda: len(books.receipted) >= 2 and here.waiting == 0)
            scribble(server.config.history_path)
            known = set(books.receipted)
            here.until(lambda: server.has_ended)
            here.run(120)
            assert books.receipted == known, "a receipt without a commit"
            assert here.waiting > 0
    assert server.log().splitlines()[-1].startswith(f"The history {server.config.history_path} is")


def scribble(path: Path) -> None:
    """A dying card: every page but the first is something else.

    SQLite keeps pages in memory and looks at the file again when somebody else has written.
    """
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        (version,) = other.execute("PRAGMA user_version").fetchone()
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (path.stat().st_size - 4096))
        other.execute(f"PRAGMA user_version = {version}")
