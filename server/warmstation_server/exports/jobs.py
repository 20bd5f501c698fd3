"""Exports that take a while: one after the other, with progress, until done or cancelled.

A job is a folder with `job.json` and, once it is done, the file. What a stopped server left
unfinished is marked interrupted when the next one starts; nobody is told that it is done.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

from warmstation_server.clock import Clock
from warmstation_server.exports.errors import Cancelled, ExportError
from warmstation_server.exports.wanted import Wanted
from warmstation_wire import WarmstationError

log = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]
ACTIVE: tuple[State, ...] = ("waiting", "running")
KEPT = timedelta(days=30)
MOST_WAITING = 20


class TooManyJobs(ExportError):
    """The queue is full."""


class NoRoom(ExportError, OSError):
    """The disk is full, or cannot be written."""


class Makes(Protocol):
    """Writes an export; `Maker`."""

    def write(
        self,
        wanted: Wanted,
        path: Path,
        now: datetime,
        progress: Callable[[str, float], None],
    ) -> None:
        """To this path."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One export. `step`: a catalogue key; `share`: how much is done, 0 to 1."""

    id: str
    by: str
    wanted: Wanted
    asked_at: datetime
    state: State = "waiting"
    step: str = "export.step.waiting"
    share: float = 0.0
    reason: str = ""
    ended_at: datetime | None = None
    size: int = 0

    @property
    def is_active(self) -> bool:
        """Whether it may still be cancelled."""
        return self.state in ACTIVE


Note = Callable[[Job], None]


class Jobs:
    """Any thread may ask; one thread runs `run`."""

    def __init__(self, folder: Path, maker: Makes, clock: Clock) -> None:
        self._folder, self._maker, self._clock = folder, maker, clock
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._queue: deque[str] = deque()
        self._cancelled: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)
        self._jobs = {job.id: job for job in map(_read, sorted(folder.glob("*/job.json"))) if job}
        for job in list(self._jobs.values()):
            if job.is_active:
                self._put(replace(job, state="interrupted", ended_at=clock.now()))

    def ask(self, wanted: Wanted, by: str, note: Note = lambda _: None) -> Job:
        """Put an export into the queue; TooManyJobs, NoRoom. `note` writes it down before it is.

        A folder and the registry share no transaction: an export without its line cannot be,
        a line whose export a crash took can.
        """
        with self._lock:
            if len(self._queue) >= MOST_WAITING:
                raise TooManyJobs("too many exports wait already: try again in a few minutes")
            job = Job(secrets.token_hex(8), by, wanted, self._clock.now())
            note(job)
            try:
                self._put(job)
            except OSError as error:
                raise NoRoom(f"no export can be kept now: {error.strerror}") from error
            self._queue.append(job.id)
        self._wake.set()
        return job

    def job(self, key: str) -> Job | None:
        """One of them."""
        return self._jobs.get(key)

    def of(self, by: str) -> list[Job]:
        """Somebody's own, the newest first."""
        mine = [job for job in self._jobs.values() if job.by == by]
        return sorted(mine, key=lambda job: (job.asked_at, job.id), reverse=True)

    def cancel(self, key: str, note: Note = lambda _: None) -> None:
        """Stop it at its next step; a job that is over stays as it is. `note` as with `ask`."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or not job.is_active:
                return
            note(job)
            self._cancelled.add(key)
            if job.state == "waiting":
                self._queue.remove(key)
                self._end(job, "cancelled")

    def file(self, job: Job) -> Path | None:
        """The finished file."""
        path = self._path(job)
        return path if job.state == "done" and path.is_file() else None

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; what is under way is then interrupted."""
        while not stop.is_set():
            if not self.turn(stop):
                self._wake.wait(0.5)
                self._wake.clear()
            self._forget()

    def turn(self, stop: threading.Event | None = None) -> bool:
        """Make the export that has waited longest; whether there was one."""
        with self._lock:
            if not self._queue:
                return False
            job = self._jobs[self._queue[0]]
            self._put(replace(job, state="running"))
            self._queue.popleft()
        self._make(self._jobs[job.id], stop or threading.Event())
        return True

    def _make(self, job: Job, stop: threading.Event) -> None:
        def progress(step: str, share: float) -> None:
            if job.id in self._cancelled:
                raise Cancelled("somebody cancelled it")
            if stop.is_set():
                raise InterruptedError
            self._jobs[job.id] = replace(self._jobs[job.id], step=step, share=share)

        path = self._path(job)
        half = path.with_name(f"{path.name}.part")
        try:
            self._maker.write(job.wanted, half, self._clock.now(), progress)
            half.replace(path)
        except Cancelled:
            self._end(job, "cancelled")
        except InterruptedError:
            self._end(job, "interrupted")
        except (WarmstationError, OSError) as error:
            log.warning("export %s failed: %s", job.id, error)
            why = error.strerror or "" if isinstance(error, OSError) else str(error)
            self._end(job, "failed", why)
        else:
            self._end(job, "done", size=path.stat().st_size)
        finally:
            half.unlink(missing_ok=True)

    def _end(self, job: Job, state: State, reason: str = "", size: int = 0) -> None:
        latest, now = self._jobs[job.id], self._clock.now()
        share = 1.0 if state == "done" else latest.share
        ended = replace(latest, state=state, share=share, reason=reason, ended_at=now, size=size)
        self._cancelled.discard(job.id)
        try:
            self._put(ended)
        except OSError as error:  # no room: it is over all the same, and the next start says so
            log.warning("how export %s ended cannot be written: %s", job.id, error)
            self._jobs[job.id] = ended

    def _put(self, job: Job) -> None:
        """On disk first, so that a kill forgets no job."""
        place = self._folder / job.id
        place.mkdir(exist_ok=True)
        half = place / "job.json.part"
        with half.open("w", encoding="utf-8") as file:
            json.dump(_stored(job), file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        half.replace(place / "job.json")
        self._jobs[job.id] = job

    def _path(self, job: Job) -> Path:
        return self._folder / job.id / job.wanted.file_name

    def _forget(self) -> None:
        line = self._clock.now() - KEPT
        for job in [one for one in self._jobs.values() if one.ended_at and one.ended_at < line]:
            shutil.rmtree(self._folder / job.id, ignore_errors=True)
            self._jobs.pop(job.id, None)


def _stored(job: Job) -> dict[str, Any]:
    moments = {"asked_at": job.asked_at.isoformat()}
    ended = job.ended_at.isoformat() if job.ended_at else None
    return asdict(job) | {"wanted": job.wanted.to_dict()} | moments | {"ended_at": ended}


def _read(path: Path) -> Job | None:
    """A job from its folder; one that cannot be read is left where it is."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        ended = stored["ended_at"]
        known = stored | {
            "wanted": Wanted.from_dict(stored["wanted"]),
            "asked_at": datetime.fromisoformat(stored["asked_at"]),
            "ended_at": datetime.fromisoformat(ended) if ended else None,
        }
        return Job(**known)
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the export %s cannot be read: %s", path.parent.name, error)
        return None
