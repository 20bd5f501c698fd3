"""A station's outbox and uplink on a link and a clock that tests drive."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.support.clocks import FakeClock
from tests.support.links import FakeLink
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits
from warmstation_edge.uplink import Online, Pace, Uplink
from warmstation_wire import Receipt


class Line:
    """An outbox, an uplink and a link that a test drives."""

    def __init__(self, directory: Path, seed: int = 1, pace: Pace | None = None) -> None:
        self.clock = FakeClock()
        self.outbox = Outbox("ks-songnan", OutboxLimits(path=directory / "outbox.db"), self.clock)
        self.link = FakeLink()
        self.receipts: list[Receipt] = []
        self.uplink = Uplink(
            "kunshan",
            "ks-songnan",
            self.outbox,
            self.link,
            self.clock,
            Random(seed),
            pace,
            self.receipts.append,
        )

    def add(self, count: int = 1) -> list[int]:
        moment = Measurement(self.clock.now(), "synced", 1.0)
        return [self.outbox.add(moment).seq for _ in range(count)]

    def run(self, seconds: float, answering: bool = False) -> list[int]:
        """Turn four times a second; the reports that went out, in order."""
        sent: list[int] = []
        for _ in range(max(1, round(seconds * 4))):
            self.uplink.turn()
            new = self.link.reports()
            sent += new
            if answering and new:
                self.link.receipt(self.outbox.stream, *new)
            self.clock.advance(seconds=0.25)
        return sent

    def add_danger(self) -> int:
        return self.outbox.add(Measurement(self.clock.now(), "synced", 1.0), urgent=True).seq

    def go_online(self) -> list[int]:
        self.link.happen(Online())
        return self.run(0)
