"""The bare ASGI callable in front: what crowds read is sent as finished bytes.

Everything else goes to the FastAPI application behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.types import Receive, Scope, Send

from warmstation_server.publish.documents import Document
from warmstation_server.web.conditional import answer
from warmstation_server.web.later import Later

Source = Callable[[str, bytes], Document | None]
"""Finds the document of a path and its raw query string, if it has one."""


class Front:
    """Answers GET and HEAD from the first source that knows the path, else asks `behind`."""

    def __init__(self, sources: Sequence[Source], behind: Later[Any]) -> None:
        self._sources = tuple(sources)
        self._behind = behind

    def prepare(self) -> None:
        """Load what is behind now; raises what is wrong with it."""
        self._behind.built()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path, query = scope["path"], scope["query_string"]
            for source in self._sources:
                found = source(path, query)
                if found is not None:
                    status, headers, body = answer(found, scope["headers"], scope["method"])
                    await send(
                        {"type": "http.response.start", "status": status, "headers": headers}
                    )
                    await send({"type": "http.response.body", "body": body})
                    return
        await self._behind(scope, receive, send)
