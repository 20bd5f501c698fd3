"""Asks an ASGI application as a browser or a program would, without a network."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from starlette.types import ASGIApp

ADDRESS = "http://testserver"


class Client:
    """Follows no redirects; an error of the application arrives as its response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app: Any = app

    def get(self, path: str, **wanted: Any) -> httpx.Response:
        """Ask for a path."""
        return self.ask("GET", path, **wanted)

    def post(self, path: str, **wanted: Any) -> httpx.Response:
        """Send a form."""
        return self.ask("POST", path, **wanted)

    def ask(self, method: str, path: str, **wanted: Any) -> httpx.Response:
        """One request with any method, in a thread: the browser tests' loop may run in this one."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, self._ask(method, path, **wanted)).result()

    async def _ask(
        self, method: str, path: str, *, cookies: httpx.Cookies | None = None, **wanted: Any
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url=ADDRESS, cookies=cookies
        ) as client:
            return await client.request(method, path, **wanted)
