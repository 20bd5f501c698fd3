"""Connections to InfluxDB that end: no server, however it behaves, holds a thread for good.

urllib3 counts its timeout anew with each piece that it reads, and one byte now and then is a piece.
So an answer has a time for all of it, and then its connection is cut. For `influx_door` alone.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from datetime import timedelta
from threading import Timer
from typing import Any

from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPResponse,
    HTTPSConnectionPool,
    PoolManager,
)
from urllib3.connection import HTTPConnection, HTTPSConnection

WRITES = "/api/v2/write"
OF_A_WRITE = 2
"""Times the timeout of one read: a piece of a batch is stored in far less, or not at all."""
OF_A_QUESTION = 90
"""A year of a city is read for minutes, and all of that time something comes."""


class _Mortal(HTTPConnection):
    """Reads an answer to its end, or is cut."""

    patience = timedelta(seconds=10)
    _factor = OF_A_QUESTION

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> None:
        """See HTTPConnection. It has the timeout for each 16 KB that are sent."""
        self._factor = OF_A_WRITE if WRITES in url else OF_A_QUESTION
        super().request(method, url, *rest, **more)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """See HTTPConnection."""
        end = Timer(self.patience.total_seconds() * self._factor, _cut, [self.sock])
        end.daemon = True
        end.start()
        try:
            answer = super().getresponse()
            _ = answer.data  # read now, and kept there
            return answer
        finally:
            end.cancel()


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


def _cut(wire: socket.socket | None) -> None:
    """Whoever reads there is told at once that it is over."""
    if wire is not None:
        with suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)
