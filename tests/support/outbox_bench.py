"""An outbox on a card that can fill up and lose its power."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.clocks import FakeClock
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits
from warmstation_wire import People, Receipt, Report

STATION = "ks-songnan"


class Bench:
    """An outbox on a card, with a clock; it can lose its power."""

    def __init__(self, directory: Path, max_mb: float = 64) -> None:
        self.path = directory / "card" / "outbox.db"
        self.clock = FakeClock()
        limits = OutboxLimits(path=self.path)
        self.limits = limits.model_copy(update={"max_mb": max_mb})  # less than a profile may say
        self.outbox = self.start()

    def start(self) -> Outbox:
        self.outbox = Outbox(STATION, self.limits, self.clock)
        return self.outbox

    def measurement(self, entered: int = 0) -> Measurement:
        return Measurement(self.clock.now(), "synced", 1.0, people=People(entered=entered, left=0))

    def add(self, urgent: bool = False, entered: int = 0) -> Report:
        return self.outbox.add(self.measurement(entered), urgent)

    def cut(self) -> Outbox:
        """Power off and on: the card has what had been synced, memory is gone."""
        image = self.path.with_name("image")
        shutil.copytree(self.path.parent, image, ignore=shutil.ignore_patterns("image"))
        self.outbox.abandon()
        for file in image.iterdir():
            shutil.copy(file, self.path.parent)
        shutil.rmtree(image)
        return self.start()

    def card(self) -> dict[str, tuple[int, bytes]]:
        files = sorted(self.path.parent.glob("outbox.db*"))
        return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}

    def receipt(self, *reports: Report) -> list[int]:
        assert len({report.stream for report in reports}) == 1
        return self.outbox.receipted(Receipt.of(reports[0].stream, [r.seq for r in reports]))


@contextmanager
def full_disk(limit_bytes: int = 4096) -> Iterator[None]:
    """No file of this process can grow beyond the limit: every write of the outbox fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
