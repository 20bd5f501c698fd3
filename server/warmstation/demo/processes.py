"""Child processes of the demo: started with a log each, stopped in order, never left behind."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from warmstation.demo.spawning import spawned
from warmstation.errors import DemoError


@dataclass(frozen=True, slots=True)
class Child:
    """A running part of the demo and where it writes what it has to say."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """DemoError with the last line of its log where it has ended by itself."""
        code = self.process.poll()
        if code is not None:
            raise DemoError(f"{self.name} ended with code {code}: {_last_line(self.log)}")

    def stop(self, patience: timedelta) -> int:
        """Ask it to stop, kill it where it does not; its exit code."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(patience.total_seconds())
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def start(name: str, command: Sequence[str], log: Path) -> Child:
    """Start a child in a session of its own: Ctrl-C reaches the demo, which stops it in order."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return Child(name, spawned(command, subprocess.DEVNULL, output), log)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
