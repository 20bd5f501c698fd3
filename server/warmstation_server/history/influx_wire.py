"""Connections to InfluxDB that end: no server, however it behaves, holds a thread for good.

urllib3 counts its timeout anew with each piece that it reads, so an answer has a deadline for all
of it (`deadline.py`) as well. For `influx_door` alone.
"""

from __future__ import annotations

import io
import socket
import time
from datetime import timedelta
from functools import partial
from http.client import HTTPResponse as Raw
from typing import Any

from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPResponse,
    HTTPSConnectionPool,
    PoolManager,
)
from urllib3.connection import HTTPConnection, HTTPSConnection

from warmstation_server.deadline import Reader

WRITES = "/api/v2/write"
OF_A_WRITE = 2
"""Times the timeout of one read: a piece of a batch is stored in far less, or not at all."""
OF_A_QUESTION = 90
"""A year of a city is read for minutes, and all of that time something comes."""


class _Held(Reader):
    """Keeps its socket open for as long as it is itself: http.client closes a connection that ends
    with its answer before that is read."""

    def __init__(self, wire: socket.socket, deadline: float, step_s: float) -> None:
        super().__init__(wire, deadline, step_s)
        self._hold = wire.makefile("rb", buffering=0)

    def close(self) -> None:
        """See RawIOBase."""
        self._hold.close()
        super().close()


class _Answer(Raw):
    """Is read before the deadline, each piece of it within `step_s`."""

    def __init__(
        self, wire: socket.socket, *rest: Any, deadline: float, step_s: float, **more: Any
    ) -> None:
        super().__init__(wire, *rest, **more)
        self.fp.close()
        self.fp = io.BufferedReader(_Held(wire, deadline, step_s))


class _Mortal(HTTPConnection):
    """Reads an answer to its end before its deadline."""

    patience = timedelta(seconds=10)
    _factor = OF_A_QUESTION

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> None:
        """See HTTPConnection. It has the timeout for each 16 KB that are sent."""
        self._factor = OF_A_WRITE if WRITES in url else OF_A_QUESTION
        super().request(method, url, *rest, **more)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """See HTTPConnection."""
        step_s = self.patience.total_seconds()
        deadline = time.monotonic() + step_s * self._factor
        made = partial(_Answer, deadline=deadline, step_s=step_s)
        self.response_class = made  # type: ignore[assignment]
        answer = super().getresponse()
        _ = answer.data  # read now, and kept there
        return answer


class _MortalTls(_Mortal, HTTPSConnection):
    """The same behind TLS."""


class _PlainPool(HTTPConnectionPool):
    """Has its connection back at once: an answer was read to its end."""

    def urlopen(self, *rest: Any, **more: Any) -> BaseHTTPResponse:
        """See HTTPConnectionPool."""
        answer = super().urlopen(*rest, **more)
        answer.release_conn()
        return answer


class _TlsPool(_PlainPool, HTTPSConnectionPool):
    """The same behind TLS."""


def limit(pools: PoolManager, patience: timedelta) -> None:
    """Give these pools, which have made no connection yet, connections that end."""
    plain = type("_Plain", (_Mortal,), {"patience": patience})
    tls = type("_Tls", (_MortalTls,), {"patience": patience})
    pools.pool_classes_by_scheme = {
        "http": type("_Plain", (_PlainPool,), {"ConnectionCls": plain}),
        "https": type("_Tls", (_TlsPool,), {"ConnectionCls": tls}),
    }
