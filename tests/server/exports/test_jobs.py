"""Exports that take a while: progress, cancelling, a server that stops meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.support.web import SetClock
from warmstation_server.exports.errors import ExportError
from warmstation_server.exports.jobs import MOST_WAITING, Jobs, TooManyJobs
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
