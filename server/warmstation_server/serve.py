"""Runs a server until it is told to stop. `run` is all that `warmstation serve` needs."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import NoReturn

import uvicorn

from warmstation_server import claim
from warmstation_server.clock import Clock, SystemClock
from warmstation_server.config import Config
from warmstation_server.parts import Server, built
from warmstation_server.worker import Worker, outlasting, watch

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=2)
"""How long the pipeline may take for its last batch; all parts together end in under 5 s."""
LOOK_S = 0.5
OTHERS_S = 2.5
"""So long after the beginning of the end the others are waited for, all of them together."""
AT_LATEST_S = 4.7
"""After it the process is over, whatever hangs: a start that takes long, a disk, a database."""
TURN_S = 0.0005
"""How long a busy thread keeps another one waiting. The one that receives asks several times a
read; at Python's usual 5 ms, on a crowded machine, smoke waited a second until anybody saw it."""
GC_THRESHOLDS = (50_000, 4, 500)
"""A look is at 200,000 new objects, which is a tenth of a second: a warning may have to wait."""


def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT, and end the process; WarmstationError where it cannot.

    The process is not torn down: to free the objects of a city one by one takes longer than all of
    a stop.
    """
    stop = threading.Event()
    told = _signals()
    threading.Thread(target=_obey, args=(told, stop), name="ending", daemon=True).start()
    # Reports are many small objects without cycles: at Python's usual threshold, looking for
    # cycles among them takes as long as decoding them.
    gc.set_threshold(*GC_THRESHOLDS)
    sys.setswitchinterval(TURN_S)
    serve(config, stop)
    _leave(0)


def _signals() -> socket.socket:
    """Says a byte for each signal at once, also while the main thread waits for a disk."""
    heard, says = socket.socketpair()
    says.setblocking(False)
    signal.set_wakeup_fd(says.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    heard.settimeout(LOOK_S)
    return heard


def _obey(told: socket.socket, stop: threading.Event) -> None:
    """Stop when told, or when the server has failed; and see to it that it is over then."""
    code = 1
    while not stop.is_set():
        with suppress(TimeoutError):
            told.recv(1)
            code = 0
            stop.set()
    time.sleep(AT_LATEST_S)
    log.warning("left after %s s, not all has ended; what counts is committed", AT_LATEST_S)
    _leave(code)


def _leave(code: int) -> NoReturn:
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def serve(config: Config, stop: threading.Event, clock: Clock | None = None) -> None:
    """Serve until `stop` is set; then commit what was taken, acknowledge it, and close."""
    with claim.data_dir(config.data_dir), built(config, clock or SystemClock()) as server:
        web = _web(server)
        workers = [
            Worker("pipeline", lambda: server.pipeline.run(stop)),
            Worker("chores", outlasting(server.chores.run, stop)),
            Worker("learning", outlasting(server.learning.run, stop)),
            Worker("web", lambda: web.run([server.listener])),
            Worker("pages", lambda: _load(server, stop)),
            Worker("doorman", outlasting(server.doorman.run, stop)),
            *_notices(server, stop),
            *_figures(server, stop),
        ]
        server.renderer.start()
        server.intake.start()
        for worker in workers:
            worker.start()
        log.info("serving %s", config.base_url)
        try:
            watch(workers, stop)
        finally:
            stop.set()
            web.should_exit = True
            _end(server, workers)
    log.info("stopped")


def _load(server: Server, stop: threading.Event) -> None:
    """Pages of those who sign in, while riders read theirs already."""
    server.app.prepare()
    stop.wait()


def _notices(server: Server, stop: threading.Event) -> list[Worker]:
    drain = server.drain
    return [] if drain is None else [Worker("notices", outlasting(drain.run, stop))]


def _figures(server: Server, stop: threading.Event) -> list[Worker]:
    figures = server.figures
    found = [
        Worker("figures", outlasting(figures.count, stop)),
        Worker("exports", outlasting(figures.jobs.run, stop)),
    ]
    planner = figures.planner
    return found if planner is None else [*found, Worker("plan", outlasting(planner.run, stop))]


def _web(server: Server) -> uvicorn.Server:
    settings = uvicorn.Config(
        server.app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(settings)


def _end(server: Server, workers: list[Worker]) -> None:
    """No new messages, the last commit, its acknowledgements and receipts, then the rest."""
    until_s = time.monotonic() + OTHERS_S
    pipeline, *others = workers
    pipeline.join(PATIENCE.total_seconds())
    server.intake.close(timedelta(seconds=1))
    server.renderer.stop(_left_s(until_s))
    for worker in others:
        worker.join(_left_s(until_s))
    _tell_late(workers)


def _left_s(until_s: float) -> float:
    return max(0.0, until_s - time.monotonic())


def _tell_late(workers: Iterable[Worker]) -> None:
    late = [worker.name for worker in workers if worker.is_alive()]
    if late:
        log.warning("not waited for at the end: %s", ", ".join(late))
