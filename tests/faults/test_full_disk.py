"""A server without room on its disk: it acknowledges nothing, says so, and goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.flow_city import city
from tests.support.flow_disk import FileLimit, Tmpfs, mounted
from tests.support.flow_server import ServeProcess
from tests.support.flow_verdict import judge
from tests.support.mosquitto import Mosquitto
from warmstation_edge.simulator.fleet import load

pytestmark = pytest.mark.broker
STATIONS = 3


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Tmpfs]:
    try:
        disk = mounted(tmp_path / "disk")
        with disk as found:
            yield found
    except PermissionError as error:
        pytest.skip(f"a small file system cannot be mounted here: {error}")


def test_a_full_disk_is_survived_and_nothing_is_lost(tmpfs: Tmpfs, tmp_path: Path) -> None:
    survive(tmpfs, tmp_path)


def test_a_quota_is_survived_and_nothing_is_lost(tmp_path: Path) -> None:
    survive(FileLimit(tmp_path), tmp_path)


def survive(disk: Tmpfs | FileLimit, folder: Path) -> None:
    """Room, no room, room again: the story of either disk."""
    fleet = load("kunshan").first(STATIONS)
    with Mosquitto(folder) as broker:
        data_dir = disk.directory / "data"
        server = ServeProcess(folder / "server", broker.port, data_dir=data_dir)
        server.register(fleet)
        with server:
            with city(fleet, broker.port, folder / "outboxes") as (here, books):
                here.until(lambda: len(books.receipted) >= STATIONS and here.waiting == 0)
                disk.fill(server.pid)
                here.until(lambda: server.fetch("/readyz")[0] == 503)
                assert b"the history is away" in server.fetch("/readyz")[1]
                known, measured = set(books.receipted), len(books.measured)
                here.until(lambda: len(books.measured) >= measured + 3 * STATIONS)
                assert books.receipted == known, "a receipt without a commit"
                assert server.fetch("/")[0] == 200, "riders still read what is known"
                disk.free(server.pid)
                here.until(server.is_ready)
                here.until(lambda: here.waiting == 0)
            code, seconds = server.stop()
            assert (code, seconds < 5) == (0, True)
            with server.history() as history:
                assert judge(here, books, history).proof.lost == 0
    assert "the history is away, nothing is acknowledged" in server.log()


def test_a_server_stopped_without_room_has_lost_nothing_when_it_is_back(tmp_path: Path) -> None:
    disk, fleet = FileLimit(tmp_path), load("kunshan").first(STATIONS)
    with Mosquitto(tmp_path) as broker:
        server = ServeProcess(tmp_path / "server", broker.port)
        server.register(fleet)
        with server, city(fleet, broker.port, tmp_path / "outboxes") as (here, books):
            here.until(lambda: len(books.receipted) >= STATIONS)
            disk.fill(server.pid)
            here.until(lambda: server.fetch("/readyz")[0] == 503)
            code, seconds = server.stop()
            assert (code, seconds < 5) == (0, True)
            server.start(doing=here.live)
            here.until(lambda: here.waiting == 0)
            server.stop()
        with server.history() as history:
            assert judge(here, books, history).proof.lost == 0
