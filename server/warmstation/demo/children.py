"""The demo's processes as a family: started one by one, watched, stopped in the opposite order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from warmstation.demo.loading import LoadingServer
from warmstation.demo.processes import Child, start
from warmstation.errors import DemoError

READY_WITHIN_S = 180.0
"""Where one has not ended it still comes: a Pi or a busy machine takes its time."""
STOP_WITHIN = timedelta(seconds=30)
LOOK_S = 0.1


class Children:
    """Broker, server and fleet; none of them stays behind, whatever happens."""

    def __init__(self, logs: Path, stack: ExitStack) -> None:
        self._logs = logs
        self._running: list[Child] = []
        stack.callback(self.stop)

    def start(self, name: str, command: Sequence[str]) -> None:
        """One more, with a log of its own."""
        self._running.append(start(name, command, self._logs / f"{name}.log"))

    def serve(self, server: LoadingServer, config: Path) -> None:
        """The server, which has been loading until now."""
        log = self._logs / "server.log"
        self._running.append(Child("server", server.serves(config, log), log))

    def check(self) -> None:
        """DemoError where one of them has ended by itself."""
        for child in self._running:
            child.check()

    def wait(self, is_up: Callable[[], bool], name: str) -> None:
        """Until it is up; DemoError where one ends meanwhile, or after READY_WITHIN_S."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not is_up():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{name} is not ready after {READY_WITHIN_S:.0f} s: {self._logs}")
            time.sleep(LOOK_S / 4)

    def stop(self) -> None:
        """All of them, the youngest first."""
        while self._running:
            self._running.pop().stop(STOP_WITHIN)
