"""Runs a server until it is told to stop. `run` is all that `warmstation serve` needs."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from datetime import timedelta

import uvicorn

from warmstation_server import claim
from warmstation_server.clock import Clock, SystemClock
from warmstation_server.config import Config
from warmstation_server.parts import Server, built
from warmstation_server.worker import Worker, watch

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=2)
"""How long the pipeline may take for its last batch; all parts together end in under 5 s."""
GC_THRESHOLDS = (100_000, 5, 200)
"""The second, since a look at two million new objects would hold up a warning for half a second."""


def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT; WarmstationError with one sentence where it cannot."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # Reports are many small objects without cycles: at Python's usual threshold, looking for
    # cycles among them takes as long as decoding them.
    gc.set_threshold(*GC_THRESHOLDS)
    serve(config, stop)


def serve(config: Config, stop: threading.Event, clock: Clock | None = None) -> None:
    """Serve until `stop` is set; then commit what was taken, acknowledge it, and close."""
    with claim.data_dir(config.data_dir), built(config, clock or SystemClock()) as server:
        web = _web(server)
        workers = [
            Worker("pipeline", lambda: server.pipeline.run(stop)),
            Worker("chores", lambda: server.chores.run(stop)),
            Worker("learning", lambda: server.learning.run(stop)),
            Worker("web", lambda: web.run([server.listener]), daemon=True),
            Worker("pages", lambda: _load(server, stop)),
            Worker("doorman", lambda: server.doorman.run(stop)),
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
    return [] if drain is None else [Worker("notices", lambda: drain.run(stop))]


def _figures(server: Server, stop: threading.Event) -> list[Worker]:
    figures = server.figures
    found = [
        Worker("figures", lambda: figures.count(stop)),
        Worker("exports", lambda: figures.jobs.run(stop)),
    ]
    planner = figures.planner
    return found if planner is None else [*found, Worker("plan", lambda: planner.run(stop))]


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
    pipeline, *others = workers
    pipeline.join(PATIENCE.total_seconds())
    server.intake.close(timedelta(seconds=1))
    server.renderer.stop()
    for worker in others:
        worker.join(PATIENCE.total_seconds() / 2)
