"""What the country's bench puts in the place of a broker, and how it looks at itself."""

from __future__ import annotations

import resource
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from prometheus_client import Histogram

from tests.bench.loads import Step, through
from tests.bench.site import Site
from warmstation_server.intake import Message
from warmstation_server.intake.packets import Outgoing

ONE_BROKEN_OF = 100
"""Stations with a broken sensor: if all had one, a whole country would have an alert."""
_WORST = 8
_EVERY_S = 0.005


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


class Sampled:
    """Looks every few milliseconds of CPU time where this process is: costs nothing that counts."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While this lasts; in the main thread."""
        before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_S, _EVERY_S)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    def worst(self) -> dict[str, float]:
        """The functions that took the most by themselves, as shares of the whole."""
        seen = self._seen.copy()  # the next look may come while these are added up
        whole = seen.total()
        return {name: round(often / whole, 3) for name, often in seen.most_common(_WORST)}

    def _look(self, _number: int, frame: FrameType | None) -> None:
        if frame is not None:
            code = frame.f_code
            self._seen[f"{Path(code.co_filename).stem}.{code.co_name}"] += 1


def rss_mb() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / 1e6


def through_broker(stations: int, live_s: int, later_s: int) -> dict[str, object]:
    """Through mosquitto and `warmstation serve`: the full rate, or what it comes to."""
    steps = {"country_live": live_s, "country_later": later_s}
    found: dict[str, object] = {}
    published = 0
    with (
        TemporaryDirectory(prefix="warmstation-bench-") as name,
        Site(Path(name), stations) as site,
    ):
        for word, seconds in steps.items():
            if not seconds:
                continue
            step = Step(word, stations / 60, seconds)
            result = through(site, step, published, stations, ONE_BROKEN_OF)
            published += int(str(result["published"]))
            found |= {f"{word}_{key}": one for key, one in result.items()}
            found[f"{word}_server_mb"] = round(site.rss_mb("server"))
            found[f"{word}_broker_mb"] = round(site.rss_mb("broker"))
    return found
