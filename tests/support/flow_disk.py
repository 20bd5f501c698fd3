"""Two ways to leave a running server without room on its disk, and to give it back."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIZE_MB = 16
_CHUNK = 64 * 1024


class Tmpfs:
    """A small file system of its own: `fill` takes all that is left, as a full disk does."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._filler = directory / "filler"

    def fill(self, _pid: int) -> None:
        """Leave no byte."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(_CHUNK))
            except OSError:
                return

    def free(self, _pid: int) -> None:
        """The room is back."""
        self._filler.unlink()


class FileLimit:
    """The process may write at no place beyond the ends of what it has written, nor any file
    that is larger: what a quota does, and it needs no rights (setrlimit(2), RLIMIT_FSIZE)."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def fill(self, pid: int) -> None:
        """No file may grow beyond one page."""
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    def free(self, pid: int) -> None:
        """Files may grow again."""
        limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def mounted(directory: Path) -> Iterator[Tmpfs]:
    """A tmpfs at this directory; PermissionError where this user may not mount one."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        raise PermissionError("only root may mount a file system")
    directory.mkdir()
    line = [mount, "-t", "tmpfs", "-o", f"size={_SIZE_MB}m", "tmpfs", str(directory)]
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise PermissionError(ended.stderr.strip())
    try:
        yield Tmpfs(directory)
    finally:
        subprocess.run([umount, "--lazy", str(directory)], check=True)
