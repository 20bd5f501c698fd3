"""/manage/live: tells a page that something changed, at most once a second. Server-sent events.

What is sent says only that, so nothing leaks; the page fetches itself again. Polling stands behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from warmstation_server.accounts.role import Right
from warmstation_server.alerts.state import AlertState
from warmstation_server.registry import RegistryAway
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rendering import PRIVATE
from warmstation_server.web.staff.visit import Visit

EVERY_S = 1.0
MOST_STREAMS = 200
"""More pages than this poll; a stream costs a comparison a second."""
LASTS_S = 600.0
"""Then the browser opens a new one, through the door: who was signed out is out."""
_BEAT_S = 15.0

Row = tuple[str, str, str]
"""Station, alert, and what is known of it in short."""


class News:
    """What there is to know of open alerts, read once a second for however many streams."""

    def __init__(
        self, read: Callable[[], Sequence[AlertState]], now_s: Callable[[], float]
    ) -> None:
        self._read = read
        self._now_s = now_s
        self._lock = Lock()
        self._rows: tuple[Row, ...] = ()
        self._read_at: float | None = None

    def rows(self) -> tuple[Row, ...]:
        """At most EVERY_S old. May block and raise RegistryAway."""
        with self._lock:
            if self._read_at is None or self._now_s() - self._read_at >= EVERY_S:
                self._rows = tuple(_row(one) for one in self._read())
                self._read_at = self._now_s()
            return self._rows

    def digest(self, visit: Visit) -> str:
        """Changes when something changes at the visitor's stations."""
        text = "\n".join("\t".join(row) for row in sorted(self.rows()) if visit.sees(row[0]))
        return sha256(text.encode()).hexdigest()[:16]


@dataclass
class Streams:
    """How many are open. One event loop uses it."""

    open: int = 0


def router(parts: StaffParts) -> APIRouter:
    """The stream."""
    routes = APIRouter()
    news = News(lambda: parts.registry.alerts.newest(is_open=True, limit=5000), monotonic)
    streams = Streams()

    @routes.get("/manage/live")
    async def live(visit: Annotated[Visit, enter(Right.ALERTS_READ)]) -> StreamingResponse:
        if streams.open >= MOST_STREAMS:
            raise HTTPException(503)
        headers = {**PRIVATE, "x-accel-buffering": "no"}
        told = _told(news, visit, streams)
        return StreamingResponse(told, headers=headers, media_type="text/event-stream")

    return routes


async def _told(news: News, visit: Visit, streams: Streams) -> AsyncIterator[str]:
    begun = beaten = monotonic()
    known = ""
    streams.open += 1
    try:
        yield "retry: 3000\n\n"
        while monotonic() - begun < LASTS_S:
            try:
                digest = await run_in_threadpool(news.digest, visit)
            except RegistryAway:
                digest = known
            if digest != known or monotonic() - beaten >= _BEAT_S:
                yield f"event: alerts\nid: {digest}\ndata: {digest}\n\n"
                known, beaten = digest, monotonic()
            await asyncio.sleep(EVERY_S)
    finally:
        streams.open -= 1


def _row(one: AlertState) -> Row:
    known = (one.word, one.severity, one.assignee, one.entries, one.is_stale, one.silenced_until)
    return one.station, one.id, repr(known)
