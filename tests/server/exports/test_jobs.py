"""Exports that take a while: progress, cancelling, a server that stops meanwhile."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.support.web import SetClock
from warmstation_server.exports.errors import ExportError
from warmstation_server.exports.jobs import MOST_WAITING, Job, Jobs, NoRoom, TooManyJobs
from warmstation_server.exports.wanted import Wanted
from warmstation_server.usage.period import Period

WANTED = Wanted("csv", Period(date(2026, 11, 1), date(2026, 11, 2)), ("aa",))
Progress = Callable[[str, float], None]


class Slow:
    """Does something of its own in the middle of an export."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.meanwhile = meanwhile

    def write(self, wanted: Wanted, path: Path, now: object, progress: Progress) -> None:
        """Half of it, then the rest."""
        path.write_text("half")
        progress("export.step.writing", 0.5)
        self.meanwhile()
        progress("export.step.writing", 0.9)
        path.write_text("whole")


def jobs_in(folder: Path, maker: Slow) -> Jobs:
    return Jobs(folder, maker, SetClock())


def test_a_finished_job_has_its_file_and_is_still_there_after_a_restart(tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, Slow())
    job = jobs.ask(WANTED, "wang")
    assert jobs.turn()
    again = jobs_in(tmp_path, Slow()).job(job.id)
    assert again is not None
    assert (again.state, again.share, again.wanted) == ("done", 1.0, WANTED)
    path = jobs.file(again)
    assert path is not None
    assert path.read_text() == "whole"


def test_progress_is_seen_and_a_running_job_can_be_cancelled(tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    maker = Slow()
    jobs = jobs_in(tmp_path, maker)
    job = jobs.ask(WANTED, "wang")

    def cancel() -> None:
        now = jobs.job(job.id)
        assert now is not None
        seen.append((now.state, now.share))
        jobs.cancel(job.id)

    maker.meanwhile = cancel
    jobs.turn()
    ended = jobs.job(job.id)
    assert ended is not None
    assert (seen, ended.state) == ([("running", 0.5)], "cancelled")
    assert [path.name for path in (tmp_path / job.id).iterdir()] == ["job.json"]


def test_a_waiting_job_that_is_cancelled_is_never_made(tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, Slow())
    job = jobs.ask(WANTED, "wang")
    jobs.cancel(job.id)
    assert not jobs.turn()
    assert getattr(jobs.job(job.id), "state", None) == "cancelled"


def test_what_a_stopped_server_left_is_marked_interrupted(tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, Slow())
    waiting, running = jobs.ask(WANTED, "wang"), None
    stop = threading.Event()
    maker = Slow(stop.set)
    stopped = jobs_in(tmp_path / "b", maker)
    running = stopped.ask(WANTED, "wang")
    stopped.turn(stop)
    assert getattr(stopped.job(running.id), "state", None) == "interrupted"
    assert getattr(jobs_in(tmp_path, Slow()).job(waiting.id), "state", None) == "interrupted"


def test_what_cannot_be_made_says_why(tmp_path: Path) -> None:
    def fail() -> None:
        raise ExportError("no Chinese font is installed")

    jobs = jobs_in(tmp_path, Slow(fail))
    job = jobs.ask(WANTED, "wang")
    jobs.turn()
    ended = jobs.job(job.id)
    assert ended is not None
    assert (ended.state, ended.reason) == ("failed", "no Chinese font is installed")
    assert jobs.file(ended) is None


def test_the_queue_has_an_end(tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, Slow())
    for _ in range(MOST_WAITING):
        jobs.ask(WANTED, "wang")
    with pytest.raises(TooManyJobs):
        jobs.ask(WANTED, "wang")


class NoDisk(Jobs):
    """Jobs on a disk that is full for a while."""

    is_full = False

    def _put(self, job: Job) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super()._put(job)


def test_without_room_no_export_is_taken_and_that_is_said(tmp_path: Path) -> None:
    jobs = NoDisk(tmp_path, Slow(), SetClock())
    jobs.is_full = True
    with pytest.raises(NoRoom, match="No space left"):
        jobs.ask(WANTED, "wang")
    assert not jobs.turn()


def test_an_export_waits_for_room_and_is_made_then(tmp_path: Path) -> None:
    jobs = NoDisk(tmp_path, Slow(), SetClock())
    job = jobs.ask(WANTED, "wang")
    jobs.is_full = True
    with pytest.raises(OSError, match="No space left"):
        jobs.turn()
    jobs.is_full = False
    assert jobs.turn()
    assert state_of(jobs, job) == "done"


def test_an_export_whose_end_cannot_be_written_is_over_all_the_same(tmp_path: Path) -> None:
    jobs = NoDisk(tmp_path, Slow(lambda: setattr(jobs, "is_full", True)), SetClock())
    job = jobs.ask(WANTED, "wang")
    assert jobs.turn()
    assert state_of(jobs, job) == "done"
    assert state_of(jobs_in(tmp_path, Slow()), job) == "interrupted"


def state_of(jobs: Jobs, job: Job) -> str:
    found = jobs.job(job.id)
    assert found is not None
    return found.state
