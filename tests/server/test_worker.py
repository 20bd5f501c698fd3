"""The server's threads are watched."""

from __future__ import annotations

import threading

import pytest

from warmstation_server.errors import ServerFailed
from warmstation_server.history.errors import HistoryBroken
from warmstation_server.worker import Worker, watch


def broken() -> None:
    raise HistoryBroken("history.db: this is no database of ours")


def test_what_ended_a_worker_is_said_in_one_sentence() -> None:
    worker = Worker("pipeline", broken)
    worker.start()
    with pytest.raises(ServerFailed, match=r"pipeline failed: history\.db: this is no database"):
        watch([worker], threading.Event())


def test_a_worker_that_just_ends_has_failed_too() -> None:
    worker = Worker("web", lambda: None)
    worker.start()
    with pytest.raises(ServerFailed, match="the server's web failed: it ended by itself"):
        watch([worker], threading.Event())


def test_watching_ends_when_the_server_is_told_to_stop() -> None:
    stop = threading.Event()
    worker = Worker("pipeline", stop.wait)
    worker.start()
    threading.Timer(0.05, stop.set).start()
    watch([worker], stop)
    worker.join(10)
    assert not worker.is_alive()
