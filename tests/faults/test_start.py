"""A server that cannot start says why in one sentence and exits with 1; a stop is soon done."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.server.history.reports import busy
from tests.support.flow_server import ServeProcess, command
from tests.support.mosquitto import Mosquitto
from warmstation_edge.simulator.fleet import load

pytestmark = pytest.mark.broker
FLEET = load("xifeng").first(1)
NOWHERE = 1
"""A port of a broker that is not there; a server starts without one."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServeProcess]:
    """A server that is registered and not started."""
    found = ServeProcess(tmp_path / "server", NOWHERE)
    found.register(FLEET)
    yield found
    found.kill()


def refusal(server: ServeProcess) -> str:
    """What a server that cannot start says: one line on stderr, nothing on stdout, code 1."""
    ended = command("serve", "--config", str(server.file))
    assert ended.returncode == 1, (ended.stdout, ended.stderr)
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    return ended.stderr


def with_history(server: ServeProcess) -> Path:
    """A history with a day of one station in it."""
    with server.history() as history:
        for n in range(20):
            at = [busy(seq, station="xf-beidajie") for seq in range(n * 100 + 1, n * 100 + 101)]
            history.append(at)
    return server.config.history_path


def with_garbage(server: ServeProcess) -> None:
    """Somebody wrote something else into the file."""
    server.config.history_path.write_bytes(b"this was a history once\n" * 1000)


def with_a_lost_half(server: ServeProcess) -> None:
    """The second half of the file is gone."""
    path = with_history(server)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def with_a_lost_block(server: ServeProcess) -> None:
    """Everything after the first page is zeros: a card that died."""
    path = with_history(server)
    path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096))


def with_anothers_database(server: ServeProcess) -> None:
    """A good SQLite file of another program."""
    with closing(sqlite3.connect(server.config.history_path)) as other:
        other.execute("CREATE TABLE theirs (x)")
        other.commit()


@pytest.mark.parametrize(
    "damage", [with_garbage, with_a_lost_half, with_a_lost_block, with_anothers_database]
)
def test_a_damaged_history_is_one_sentence_that_names_the_file(
    server: ServeProcess, damage: Callable[[ServeProcess], None]
) -> None:
    damage(server)
    before = server.config.history_path.read_bytes()
    assert str(server.config.history_path) in refusal(server)
    assert server.config.history_path.read_bytes() == before, "nobody may make it worse"


def test_a_damaged_registry_is_one_sentence_that_names_the_file(server: ServeProcess) -> None:
    path = server.config.data_dir / "registry.db"
    path.write_bytes(b"no registry" * 1000)
    assert str(path) in refusal(server)


def test_a_second_server_on_the_same_data_is_one_sentence(
    server: ServeProcess, tmp_path: Path
) -> None:
    second = ServeProcess(tmp_path / "second", NOWHERE, data_dir=server.config.data_dir)
    server.start_alone()
    said = refusal(second)
    assert str(server.config.data_dir) in said
    assert "another server" in said


def test_a_port_in_use_is_one_sentence(server: ServeProcess) -> None:
    with socket.create_server(("127.0.0.1", server.port)):
        assert f"port {server.port}" in refusal(server)


def test_a_data_directory_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    server = ServeProcess(tmp_path / "server", NOWHERE, data_dir=tmp_path / "file")
    assert str(tmp_path / "file") in refusal(server)


def test_a_stop_is_done_in_five_seconds_with_and_without_a_broker(
    server: ServeProcess, tmp_path: Path
) -> None:
    server.start_alone()
    assert server.stop()[1] < 5
    with Mosquitto(tmp_path) as broker:
        connected = ServeProcess(tmp_path / "connected", broker.port)
        connected.register(FLEET)
        connected.start()
        code, seconds = connected.stop()
    assert code == 0
    assert seconds < 5
