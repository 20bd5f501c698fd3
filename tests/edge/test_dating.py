"""Booting in 1970: what was measured before the clock was set gets its true time afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.support.links import FakeLink
from tests.support.outbox_bench import Bench
from warmstation_edge.clock import SystemClock
from warmstation_edge.measurement import Measurement
from warmstation_edge.uplink import Online, Uplink
from warmstation_edge.uplink.pace import Pace
from warmstation_wire import Leaf, Report, decode

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.outbox.abandon()


def add(bench: Bench, urgent: bool = False) -> int:
    """A report as the sampler measures it: with the quality of its clock."""
    clock = bench.clock
    measured = Measurement(clock.now(), clock.quality(), round(clock.monotonic(), 1))
    return bench.outbox.add(measured, urgent).seq


def sent(bench: Bench, seq: int) -> Report:
    payload = bench.outbox.payload(seq)
    assert payload is not None
    return decode(Report, payload)


def test_reports_from_1970_are_corrected_to_within_a_second_once_the_clock_is_set(
    bench: Bench,
) -> None:
    bench.clock.reboot(FIRST)
    true_boot = NOON - timedelta(hours=5)
    seqs, uptimes = [], []
    for _ in range(5):
        bench.clock.advance(minutes=37, seconds=11.37)
        seqs.append(add(bench))
        uptimes.append(bench.clock.monotonic())
    bench.outbox.flush()
    assert {sent(bench, seq).clock for seq in seqs} == {"unsynced"}
    bench.clock.step(true_boot + timedelta(seconds=bench.clock.monotonic()))
    bench.clock.synced = True
    bench.outbox.tick()
    for seq, uptime in zip(seqs, uptimes, strict=True):
        report = sent(bench, seq)
        assert report.clock == "estimated"
        off = report.measured_at - (true_boot + timedelta(seconds=uptime))
        assert abs(off.total_seconds()) < 1


def test_they_are_corrected_after_a_later_boot_too(bench: Bench) -> None:
    bench.clock.reboot(FIRST)
    bench.clock.advance(minutes=10)
    seq = add(bench, urgent=True)
    bench.clock.step(NOON)
    bench.clock.synced = True
    bench.outbox.tick()
    bench.cut()
    bench.clock.reboot(FIRST)
    report = sent(bench, seq)
    assert report.clock == "estimated"
    assert abs((report.measured_at - NOON).total_seconds()) < 1


def test_what_cannot_be_corrected_stays_flagged(bench: Bench) -> None:
    """The power was cut before anybody told that boot what time it was."""
    bench.clock.reboot(FIRST)
    bench.clock.advance(minutes=10)
    lost = add(bench, urgent=True)
    bench.cut()
    bench.clock.reboot(FIRST)
    bench.clock.advance(minutes=1)
    kept = add(bench, urgent=True)
    bench.clock.step(NOON)
    bench.clock.synced = True
    bench.outbox.tick()
    assert sent(bench, lost).clock == "unsynced"
    assert sent(bench, lost).measured_at.year == 1970
    assert sent(bench, kept).clock == "estimated"


def test_a_correction_to_what_cannot_be_is_none(bench: Bench) -> None:
    """The clock was set to 1970 an hour after the start: that boot began in 1969."""
    bench.clock.reboot(NOON)
    bench.clock.advance(minutes=1)
    seq = add(bench)
    bench.clock.advance(minutes=59)
    bench.clock.step(FIRST)
    bench.clock.synced = True
    bench.outbox.tick()
    assert sent(bench, seq).clock == "unsynced"


def test_a_report_with_a_good_clock_is_never_touched(bench: Bench) -> None:
    seq = add(bench)
    before = bench.outbox.payload(seq)
    bench.outbox.tick()
    bench.outbox.flush()
    assert bench.outbox.payload(seq) == before


def test_a_file_of_the_version_before_is_taken_over(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    seq = add(bench, urgent=True)
    db = bench.outbox._keeper.file._open()  # type: ignore[union-attr]  # its schema is the claim
    db.executescript(
        "ALTER TABLE reports DROP COLUMN boot; DROP TABLE boots; PRAGMA user_version = 1;"
    )
    bench.cut()
    assert bench.outbox.backlog() == [seq]
    bench.outbox.abandon()


class Site:
    """An outbox with its uplink on a link that the test holds."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.link = FakeLink()
        pace = Pace(start_s=1.0, backlog_per_s=10.0)
        self.uplink = Uplink(
            "kunshan", "ks-songnan", bench.outbox, self.link, bench.clock, Random(1), pace
        )

    def run(self, seconds: float) -> list[Report]:
        told: list[Report] = []
        for _ in range(round(seconds * 4)):
            self.bench.clock.advance(0.25)
            self.bench.outbox.tick()
            self.uplink.turn()
            new = [decode(Report, payload) for payload in self.link.take(Leaf.REPORT)]
            for report in new:
                self.link.receipt(report.stream, report.seq)
            told += new
        return told


def test_the_backlog_waits_a_while_for_the_clock_and_safety_events_go_first(bench: Bench) -> None:
    bench.clock.reboot(FIRST)
    bench.clock.advance(minutes=1)
    site = Site(bench)
    seqs = [add(bench, urgent=number == 3) for number in range(8)]
    site.link.happen(Online())
    assert site.run(14) == [], "nor does the newest go out with a wrong time, for a while"
    bench.clock.step(NOON)
    bench.clock.synced = True
    then = site.run(10)
    newest_first = reversed([*seqs[:3], *seqs[4:7]])
    assert [report.seq for report in then] == [seqs[-1], seqs[3], *newest_first]
    assert {report.clock for report in then} == {"estimated"}


def test_what_is_measured_now_waits_for_a_few_seconds_only(bench: Bench) -> None:
    bench.clock.reboot(FIRST)
    site = Site(bench)
    seqs = [add(bench) for _ in range(4)]
    site.link.happen(Online())
    assert site.run(10) == []
    newest = add(bench)
    told = site.run(10)
    assert {report.seq for report in told} == {seqs[-1], newest}
    assert {report.clock for report in told} == {"unsynced"}


def test_where_nobody_asks_for_the_time_nothing_waits(bench: Bench) -> None:
    bench.clock.reboot(FIRST)
    bench.clock.awaited = False
    site = Site(bench)
    seqs = [add(bench) for _ in range(4)]
    site.link.happen(Online())
    assert sorted({report.seq for report in site.run(5)}) == seqs


def test_a_safety_event_does_not_wait_for_the_clock(bench: Bench) -> None:
    bench.clock.reboot(FIRST)
    site = Site(bench)
    site.link.happen(Online())
    site.run(5)
    seq = add(bench, urgent=True)
    assert [(report.seq, report.clock) for report in site.run(1)] == [(seq, "unsynced")]


def test_what_a_battery_has_kept_goes_out_at_once_and_is_put_right_if_it_still_waits(
    bench: Bench,
) -> None:
    bench.clock.reboot(NOON - timedelta(seconds=40))
    bench.clock.kept = True
    site = Site(bench)
    site.link.happen(Online())
    site.run(1)
    at_once = add(bench)
    assert [(report.seq, report.clock) for report in site.run(1)] == [(at_once, "estimated")]
    waiting = add(bench)
    bench.clock.step(bench.clock.now() + timedelta(seconds=40))
    bench.clock.synced = True
    bench.outbox.tick()
    told = sent(bench, waiting)
    assert told.clock == "estimated"
    assert abs((told.measured_at - bench.clock.now()).total_seconds()) < 1


def test_the_backlog_does_not_wait_for_ever(bench: Bench) -> None:
    bench.clock.reboot(FIRST)
    site = Site(bench)
    seqs = [add(bench) for _ in range(4)]
    site.link.happen(Online())
    told = site.run(160)
    assert sorted({report.seq for report in told}) == seqs
    assert {report.clock for report in told} == {"unsynced"}


def test_the_system_clocks_boot_id_is_the_kernels() -> None:
    assert SystemClock().boot_id() == BOOT_ID.read_text("ascii").strip()
