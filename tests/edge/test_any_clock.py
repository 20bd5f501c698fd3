"""Clocks that are set late, fall silent, begin anew: a time is right, or told as not known."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.clocks import FakeClock
from tests.support.links import FakeLink
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits
from warmstation_edge.uplink import Offline, Online, Uplink
from warmstation_wire import Leaf, Report, decode

DEEDS = ("measure", "alarm", "ntp", "silent", "plug", "unplug", "reboot", "crash", "stop")
Story = list[tuple[float, str]]
Key = tuple[str, int]


class Era:
    """A station through its boots; the truth is known to the test only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.truth = self.clock.now()
        self.is_plugged = False
        self.true_times: dict[Key, datetime] = {}
        self.boots: dict[Key, str] = {}
        self.set_boots: set[str] = set()
        self.could_know: set[Key] = set()
        self.told: dict[Key, Report] = {}
        self.reboot()

    def run(self, seconds: float) -> None:
        while seconds > 0:
            step_s = min(seconds, 1.0)
            seconds -= step_s
            self.truth += timedelta(seconds=step_s)
            self.clock.advance(step_s)
            self.outbox.tick()
            if self.clock.synced:
                self.set_boots.add(self.clock.boot_id())
            waiting = {
                (self.outbox._book.waiting[seq].stream, seq) for seq in self.outbox.backlog()
            }
            self.uplink.turn()
            for payload in self.link.take(Leaf.REPORT):
                report = decode(Report, payload)
                key = (report.stream, report.seq)
                self.told[key] = report
                if self.boots[key] in self.set_boots and key in waiting:
                    self.could_know.add(key)
                self.link.receipt(*key)

    def measure(self, urgent: bool = False) -> None:
        now, quality = self.clock.now(), self.clock.quality()
        uptime_s = round(self.clock.monotonic(), 1)
        report = self.outbox.add(Measurement(now, quality, uptime_s), urgent)
        key = (report.stream, report.seq)
        self.true_times[key], self.boots[key] = self.truth, self.clock.boot_id()

    def alarm(self) -> None:
        self.measure(urgent=True)

    def ntp(self) -> None:
        self.clock.step(self.truth)
        self.clock.synced = True

    def silent(self) -> None:
        self.clock.synced = False

    def plug(self) -> None:
        self.is_plugged = True
        self.link.happen(Online())

    def unplug(self) -> None:
        self.is_plugged = False
        self.link.happen(Offline("cut"))

    def reboot(self) -> None:
        self.clock.reboot(datetime(1970, 1, 1, tzinfo=UTC))
        if hasattr(self, "outbox"):
            self.outbox.abandon()
        self._start()

    def crash(self) -> None:
        self.outbox.abandon()
        self._start()

    def stop(self) -> None:
        self.outbox.close({})
        self._start()

    def _start(self) -> None:
        limits = OutboxLimits(path=self.folder / "outbox.db")
        self.outbox = Outbox("ks-songnan", limits, self.clock)
        self.link = FakeLink()
        given = ("kunshan", "ks-songnan", self.outbox, self.link, self.clock, Random(1))
        self.uplink = Uplink(*given)
        if self.is_plugged:
            self.link.happen(Online())


def live(story: Story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        era = Era(Path(folder))
        for seconds, deed in story:
            getattr(era, deed)()
            era.run(seconds)
        era.plug()
        era.run(300)
        assert era.outbox.queued == 0
        for key, report in era.told.items():
            wrong_s = abs((report.measured_at - era.true_times[key]).total_seconds())
            if report.clock != "unsynced":
                assert wrong_s <= 0.2, (report, era.true_times[key])
            else:
                assert key not in era.could_know, "its time was known when it left"
        era.outbox.abandon()


waits = st.sampled_from([0.0, 1.0, 10.0, 70.0, 130.0])


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.tuples(waits, st.sampled_from(DEEDS)), min_size=4, max_size=25))
def test_no_report_says_a_wrong_time_for_a_right_one(story: Story) -> None:
    live(story)


def test_a_boot_is_known_over_a_cut_though_nothing_waited_when_its_clock_was_set() -> None:
    live([(1, "ntp"), (1, "silent"), (0, "alarm"), (0, "reboot"), (10, "plug")])


def test_a_boot_is_known_to_an_agent_that_started_when_the_time_server_was_silent_already() -> None:
    live([(10, "ntp"), (1, "silent"), (1, "crash"), (0, "alarm"), (10, "plug")])
