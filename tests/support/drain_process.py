"""A process that drains a registry to one WeCom bot, and dies where it is told to.

`python -m tests.support.drain_process REGISTRY URL POINT LATER_S`: exits at once at POINT (or
never: `-`), with a clock that is LATER_S ahead; ends when nothing is left to do.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta

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


def main(registry: str, url: str, point: str, later_s: str) -> None:
    """Drain until nothing is due."""

    def passed(here: str) -> None:
        if here == point:
            os._exit(DIED)

    outbox = Registry.open(registry).notifications
    sender = WeComBot(url, Http(Guard(None)))
    clock = LaterClock(timedelta(seconds=float(later_s)))
    settle(drain(outbox, clock, [channel("chat", sender)], passed=passed, owner=str(os.getpid())))


if __name__ == "__main__":
    main(*sys.argv[1:])
