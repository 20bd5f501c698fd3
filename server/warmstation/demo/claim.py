"""What a demo must have for itself before it starts: its directory and its ports."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from pathlib import Path
from typing import IO

from warmstation.errors import AlreadyRunning, DemoError, PortInUse


def cache_directory(name: str) -> Path:
    """Where a demo's made-up history is kept between runs; delete it at will."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "warmstation" / name


def claim_directory(directory: Path) -> IO[bytes]:
    """Make the directory and lock it while the returned file is open."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / "demo.lock").open("ab")
    except OSError as error:
        raise DemoError(f"cannot write to the data directory {directory}: {_said(error)}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise AlreadyRunning(
            f"a demo is already running on {directory}: stop it, or choose another --data-dir"
        ) from None
    return lock


def claim_port(port: int, option: str) -> None:
    """PortInUse where nobody else could listen there now."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(f"port {port} is in use: choose another with {option}") from None
        raise DemoError(f"cannot listen on port {port}: {_said(error)}") from None
    except OverflowError:
        raise DemoError(f"{option} {port}: a port is a number from 1 to 65535") from None


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
