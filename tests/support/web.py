"""The web application over a made-up city, and a server that serves it on a free port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from threading import Event, Thread
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support.patience import PATIENCE_S
from tests.support.snapshots import NOW, city
from warmstation_server.clock import Clock
from warmstation_server.history import History, Point
from warmstation_server.history.errors import HistoryAway
from warmstation_server.publish.renderer import Renderer
from warmstation_server.publish.site import Site
from warmstation_server.registry import ReportKind
from warmstation_server.snapshot import Current, Snapshot
from warmstation_server.web.app import create_app


@dataclass
class SetClock:
    """A clock that stands until it is moved."""

    moment: datetime = NOW

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment

    def advance(self, **span: float) -> None:
        """Move on by a timedelta's arguments."""
        self.moment += timedelta(**span)


@dataclass
class ReportBox:
    """Keeps riders' reports in a list."""

    reports: list[tuple[str, str, str, str]] = field(default_factory=list)
    refuses: Exception | None = None

    def add_rider_report(
        self,
        station: str,
        kind: ReportKind,
        text: str,
        *,
        language: str,
        client_address: str,
        now: datetime,
    ) -> None:
        """Keep one, or refuse it."""
        if self.refuses:
            raise self.refuses
        self.reports.append((station, kind, text, language))


class SteadyHistory:
    """A history with one point an hour, or none at all when it is away."""

    def __init__(self) -> None:
        self.is_away = False

    def series(
        self, station: str, start: datetime, end: datetime, window: timedelta | None = None
    ) -> list[Point]:
        """One point an hour."""
        if self.is_away:
            raise HistoryAway("the disk is gone")
        hours = int((end - start) / timedelta(hours=1))
        return [
            Point(start + timedelta(hours=n), 20.0, None, -1.0, None, None, 3.0, 4, 7, None)
            for n in range(hours)
        ]


@dataclass
class Web:
    """Everything behind one application, for a test to reach into."""

    current: Current
    clock: Any
    reports: ReportBox
    history: SteadyHistory
    renderer: Renderer
    app: ASGIApp
    not_ready: list[str]

    def publish(self, snapshot: Snapshot) -> None:
        """Swap in a snapshot and render its feed."""
        self.current.swap(snapshot)
        self.renderer.turn()


def web(snapshot: Snapshot | None = None, clock: Any = None, port: int = 8000) -> Web:
    """An application over a snapshot."""
    current = Current(snapshot or city())
    site = Site(f"http://127.0.0.1:{port}")
    renderer = Renderer(current, site)
    clock, reports, history = clock or SetClock(), ReportBox(), SteadyHistory()
    not_ready: list[str] = []
    app = create_app(
        current=current,
        site=site,
        feed=lambda: renderer.documents,
        registry=reports,
        history=_as_history(history),
        metrics=lambda: b"# HELP up 1 while it runs\nup 1\n",
        clock=clock,
        ready=lambda: not_ready[0] if not_ready else None,
    )
    return Web(current, clock, reports, history, renderer, app, not_ready)


@contextmanager
def served(app: ASGIApp, port: int, clock: Clock | None = None) -> Iterator[str]:
    """Serve an application on loopback until the block ends; yields its address.

    `clock` dates its answers, where that is not to be the machine's.
    """
    dated = _Dated(app, clock) if clock else app
    config = uvicorn.Config(
        dated,
        "127.0.0.1",
        port,
        log_level="error",
        access_log=False,
        date_header=clock is None,
    )
    started = Event()
    server = _Server(config, started)
    thread = Thread(target=server.run, name="uvicorn", daemon=True)
    thread.start()
    if not started.wait(PATIENCE_S):
        raise TimeoutError(f"nothing listens on port {port}")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)


class _Dated:
    """An application whose answers say when they were given, by a clock."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock.now(), usegmt=True).encode()
                message["headers"] = [*message["headers"], (b"date", date)]
            await send(message)

        await self._app(scope, receive, dated)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, is_started: Event) -> None:
        super().__init__(config)
        self._is_started = is_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._is_started.set()


def _as_history(history: SteadyHistory) -> History:
    return history  # type: ignore[return-value]  # the web asks for series only
