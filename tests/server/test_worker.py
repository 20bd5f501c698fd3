"""The server's threads are watched."""

from __future__ import annotations

import sqlite3
import threading
from functools import partial

import pytest

from tests.support.patience import PATIENCE_S
from warmstation_server import worker as workers
from warmstation_server.errors import ServerFailed
from warmstation_server.history.errors import HistoryBroken
from warmstation_server.worker import Worker, outlasting, watch


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
    worker.join(PATIENCE_S)
    assert not worker.is_alive()


class ToldMeanwhile(threading.Event):
    """Is set, and everybody has ended, while the one who watches is between two looks."""

    def __init__(self, *workers: Worker) -> None:
        super().__init__()
        self.workers = list(workers)

    def wait(self, timeout: float | None = None) -> bool:
        was_set = self.is_set()
        self.set()
        for worker in self.workers:
            worker.join()
        return was_set


def test_who_ends_because_he_was_told_to_has_not_failed() -> None:
    stop = ToldMeanwhile()
    worker = Worker("chores", partial(threading.Event.wait, stop))
    stop.workers.append(worker)
    worker.start()
    watch([worker], stop)
    assert not worker.is_alive()


@pytest.mark.parametrize(
    "trouble",
    [OSError(28, "No space left on device"), sqlite3.OperationalError("database or disk is full")],
)
def test_work_goes_on_after_a_disk_that_was_full(
    trouble: Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "AGAIN_S", 0.0)
    stop, turns = threading.Event(), iter([trouble, trouble])

    def work(told: threading.Event) -> None:
        for one in turns:
            raise one
        told.set()

    outlasting(work, stop)()
    assert stop.is_set()
    assert caplog.text.count(f"waits: {trouble}") == 2


def test_work_does_not_outlast_a_mistake_of_its_own() -> None:
    def work(_: threading.Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outlasting(work, threading.Event())()
