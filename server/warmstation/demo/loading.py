"""The demo's server, loading what it needs while the demo itself is still being loaded.

Loading is most of a server's start, and needs no more than that there will be one. So the process
comes before anything else (nothing but the standard library is imported here), is told its file
when there is one, and ends by itself where there never is.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import IO, Self, cast

from warmstation.demo.spawning import spawned


class LoadingServer:
    """A server process that waits for its file: `python -m warmstation.serving` with none."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "warmstation.serving"]
        self._process = spawned(command, subprocess.PIPE, None)
        self._is_told = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Gone where it was never told."""
        if not self._is_told:
            self._process.kill()
            self._process.communicate()

    def serves(self, config: Path, log: Path) -> subprocess.Popen[bytes]:
        """Told what to serve: once. From now on what it says is in this log."""
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        told = json.dumps({"config": str(config), "log": str(log)}) + "\n"
        self._is_told = True
        line = cast(IO[bytes], self._process.stdin)
        with contextlib.suppress(BrokenPipeError), line:  # whoever looks after it will notice
            line.write(told.encode())
        return self._process
