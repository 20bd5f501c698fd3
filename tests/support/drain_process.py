"""Processes that drain a registry to one WeCom bot, and die where they are told to.

`nursery("tests.support.drain_process").start(REGISTRY, URL, POINT, LATER_S)`: exits at once at
POINT (or never: `-`), with a clock that is LATER_S ahead, and ends when nothing is left to do.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from tests.support.notices import channel, drain, settle
from tests.support.nursery import dies_at, forked
from warmstation_server.clock import SystemClock
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.http import Http
from warmstation_server.notify.senders.wecom import WeComBot
from warmstation_server.registry import Registry


class LaterClock(SystemClock):
    """The machine's clock, some time ahead."""

    def __init__(self, later: timedelta) -> None:
        self._later = later

    def now(self) -> datetime:
        """Aware, UTC."""
        return super().now() + self._later


def main(registry: str, url: str, point: str, later_s: float) -> None:
    """Drain until nothing is due."""
    outbox = Registry.open(registry).notifications
    sender = WeComBot(url, Http(Guard(None)))
    clock, passed = LaterClock(timedelta(seconds=later_s)), dies_at(point)
    settle(drain(outbox, clock, [channel("chat", sender)], passed=passed, owner=str(os.getpid())))


if __name__ == "__main__":
    forked(main)
