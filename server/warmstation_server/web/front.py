"""The bare ASGI callable in front: what crowds read is sent as finished bytes.

Everything else goes to the FastAPI application behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.types import Receive, Scope, Send

from warmstation_server.publish.documents import Document
from warmstation_server.web.conditional import Answer, answer, preflight
from warmstation_server.web.later import Later

Source = Callable[[str, bytes], Document | None]
"""Finds the document of a path and its raw query string, if it has one."""


class Front:
    """Answers GET, HEAD and OPTIONS from the first source that knows a path, else asks `behind`."""

    def __init__(self, sources: Sequence[Source], behind: Later[Any]) -> None:
        self._sources = tuple(sources)
        self._behind = behind

    def prepare(self) -> None:
        """Load what is behind now; raises what is wrong with it."""
        self._behind.built()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        found = self._answer(scope) if scope["type"] == "http" else None
        if found is None:
            await self._behind(scope, receive, send)
            return
        status, headers, body = found
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: Scope) -> Answer | None:
        method = scope["method"]
        if method not in ("GET", "HEAD", "OPTIONS"):
            return None
        for source in self._sources:
            found = source(scope["path"], scope["query_string"])
            if found is not None:
                if method == "OPTIONS":
                    return preflight(found)
                return answer(found, scope["headers"], method)
        return None
