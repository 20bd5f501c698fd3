"""Loopback ports for servers that a test starts: each is kept for it until it listens, and after.

A port that was free a moment ago may be somebody else's before the server has it, above all while
other tests run beside this one. So it stays bound here, without listening: the kernel gives it to
nobody that asks for any port, refuses whoever connects, and lets a server listen on it that names
it and sets SO_REUSEADDR, as servers do (socket(7), ip(7)).
"""

from __future__ import annotations

import socket
from collections import deque

_MANY = 200
"""A process may have 1,024 open files; after so many others a port's server is gone or listens."""
_kept: deque[socket.socket] = deque()


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody has, and that nobody gets who does not name it."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("127.0.0.1", 0))
    _kept.append(one)
    if len(_kept) > _MANY:
        _kept.popleft().close()
    port: int = one.getsockname()[1]
    return port
