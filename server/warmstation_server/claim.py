"""What a server needs to itself: its data directory and its port. For serve."""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from warmstation_server.errors import BadDataDir, DataDirInUse, PortInUse


@contextlib.contextmanager
def data_dir(path: Path) -> Iterator[None]:
    """Hold the directory, which is made where it is missing; a kill lets go of it too."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        handle = os.open(path / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadDataDir(f"{path}: is no directory that can be written: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise DataDirInUse(f"{path}: another server works on this data directory") from None
    try:
        yield
    finally:
        os.close(handle)


def is_held(path: Path) -> bool:
    """Whether a server works on this directory now; nothing is made or changed."""
    try:
        handle = os.open(path / "server.lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def free_bytes(path: Path) -> float:
    """Room that is left for the data; NaN where the disk cannot be asked."""
    try:
        return float(shutil.disk_usage(path).free)
    except OSError:
        return math.nan


def listener(host: str, port: int) -> socket.socket:
    """A bound socket; PortInUse where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise PortInUse(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return found
