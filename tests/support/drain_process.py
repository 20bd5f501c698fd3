"""Processes that drain a registry to one WeCom bot, and die where they are told to.

`python -m tests.support.drain_process` forks one for each line of its input, which is `[REGISTRY,
URL, POINT, LATER_S]` as JSON: it exits at once at POINT (or never: `-`), with a clock that is
LATER_S ahead, and ends when nothing is left to do. Said of each: its number, then how it ended.
To read a server from the disk takes ten times as long as what one does.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.notices import channel, drain, settle
from warmstation_server.clock import SystemClock
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.http import Http
from warmstation_server.notify.senders.wecom import WeComBot
from warmstation_server.registry import Registry

DIED = 9


class LaterClock(SystemClock):
    """The machine's clock, some time ahead."""

    def __init__(self, later: timedelta) -> None:
        self._later = later

    def now(self) -> datetime:
        """Aware, UTC."""
        return super().now() + self._later


def main(registry: str, url: str, point: str, later_s: float) -> None:
    """Drain until nothing is due."""

    def passed(here: str) -> None:
        if here == point:
            os._exit(DIED)

    outbox = Registry.open(registry).notifications
    sender = WeComBot(url, Http(Guard(None)))
    clock = LaterClock(timedelta(seconds=later_s))
    settle(drain(outbox, clock, [channel("chat", sender)], passed=passed, owner=str(os.getpid())))


def nursery() -> None:
    """A process for each line."""
    with TemporaryDirectory() as directory:  # reads from the disk what every child needs
        Registry.open(Path(directory) / "r.db").close()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            main(*json.loads(line))
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    nursery()
