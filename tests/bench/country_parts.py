"""What the country's bench puts in the place of a broker, and how it looks at itself."""

from __future__ import annotations

import cProfile
import pstats
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import Histogram

from warmstation_server.conditions.watch import Watch
from warmstation_server.intake import Message
from warmstation_server.intake.packets import Outgoing

_WORST = 6


class Watching(Watch):
    """A watch that is kept nowhere."""

    def keep(self, now: datetime) -> None:
        """Nothing."""

    def close(self, now: datetime) -> None:
        """Nothing."""


class CpuTime(Histogram):
    """In the place of a histogram by the clock, which a busy machine stretches."""

    def __init__(self) -> None:
        super().__init__("cpu_seconds", "CPU time.", registry=None)
        self.spent_s = 0.0

    @contextmanager
    def time(self) -> Iterator[None]:  # type: ignore[override]
        """Add what is spent within."""
        began = time.process_time()
        yield
        self.spent_s += time.process_time() - began


class Nobody:
    """A broker that takes everything and brings nothing."""

    connections = 1

    def publish(self, messages: Sequence[Outgoing]) -> bool:
        """Taken."""
        return True

    def take(self, limit: int, timeout: timedelta) -> list[Message]:
        """Nothing came."""
        return []

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Heard."""


def worst(profile: cProfile.Profile) -> dict[str, float]:
    """The functions that took the most by themselves, as shares of the whole."""
    stats = pstats.Stats(profile)
    own: dict[str, float] = {}
    for (path, _, name), (_, _, own_s, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        where = f"{Path(path).stem}.{name}" if path not in ("~", "") else name
        own[where] = own.get(where, 0.0) + own_s
    whole = sum(own.values()) or 1.0
    worst = sorted(own.items(), key=lambda one: -one[1])[:_WORST]
    return {name: round(took / whole, 3) for name, took in worst}


def rss_mb() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / 1e6
