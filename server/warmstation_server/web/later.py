"""An application that is built while the server already answers from elsewhere."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

App = TypeVar("App", bound=ASGIApp)


class Later(Generic[App]):
    """Built once, by whoever needs it first; the others wait."""

    def __init__(self, build: Callable[[], App]) -> None:
        self._build = build
        self._app: App | None = None
        self._lock = threading.Lock()

    def built(self) -> App:
        """The application; what went wrong in building it is raised to everyone who asks."""
        if self._app is None:
            with self._lock:
                if self._app is None:
                    self._app = self._build()
        return self._app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        app = self._app if self._app is not None else await asyncio.to_thread(self.built)
        await app(scope, receive, send)
