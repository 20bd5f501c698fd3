"""Whether the server is there, can serve, and how it does: for balancers and Prometheus."""

from __future__ import annotations

import json
from collections.abc import Callable

from warmstation_server.clock import Clock
from warmstation_server.publish.documents import Document, document
from warmstation_server.web.problems import details

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"


class Health:
    """Answers three addresses anew each time. `ready`: why the server cannot serve, or None."""

    def __init__(
        self, metrics: Callable[[], bytes], ready: Callable[[], str | None], clock: Clock
    ) -> None:
        self._metrics, self._ready, self._clock = metrics, ready, clock

    def find(self, path: str, query: bytes) -> Document | None:
        """The answer, where it is one of the three."""
        if path == "/healthz":
            return self._said(path, b"ok\n", _PLAIN)
        if path == "/metrics":
            return self._said(path, self._metrics(), METRICS_TYPE)
        if path != "/readyz":
            return None
        reason = self._ready()
        if reason is None:
            return self._said(path, b"ready\n", _PLAIN)
        body = json.dumps(details(503, reason)).encode()
        return self._said(path, body, "application/problem+json", 503)

    def _said(self, path: str, body: bytes, media_type: str, status: int = 200) -> Document:
        return document(
            path,
            body,
            media_type=media_type,
            changed_at=self._clock.now(),
            cache_control="no-store",
            headers=((b"x-content-type-options", b"nosniff"),),
            status=status,
            level=1,
        )
