"""Seven days without a network at one report a minute, at the speed of the processor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.support.clocks import FakeClock
from tests.support.links import FakeLink
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits
from warmstation_edge.uplink import Online, Uplink
from warmstation_edge.uplink.pace import Pace
from warmstation_wire import Charger, Leaf, Report, decode
from warmstation_wire.examples import REPORT

DAY_REPORTS = 24 * 60
CAP_MB = 4.0
MOST_WRITTEN_MB_A_DAY = 20.0


class Station:
    """An outbox that gets a report of true size every minute."""

    def __init__(self, folder: Path, max_mb: float = 64.0) -> None:
        self.folder = folder / "card"
        self.clock = FakeClock()
        limits = OutboxLimits(path=self.folder / "outbox.db", max_mb=max_mb)
        self.outbox = Outbox("ks-songnan", limits, self.clock)

    def minute(self, urgent: bool = False) -> int:
        """One report, and the card gets its batch."""
        self.clock.advance(minutes=1)
        now = self.clock.now()
        full = Measurement(
            now, "synced", round(self.clock.monotonic(), 1),
            REPORT.climate, REPORT.door, REPORT.people, REPORT.chargers, REPORT.supplies,
            REPORT.safety, REPORT.faults, REPORT.agent,
        )  # fmt: skip
        seq = self.outbox.add(full, urgent).seq
        self.outbox.tick()
        return seq

    def disk_mb(self) -> float:
        """What all files of the outbox take."""
        return sum(file.stat().st_size for file in self.folder.iterdir()) / 1e6


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path, CAP_MB)
    yield station
    station.outbox.abandon()


def written_mb() -> float:
    """What this process has handed to write() so far (proc_pid_io(5), wchar)."""
    text = Path("/proc/self/io").read_text("ascii")
    fields = dict(line.split(": ") for line in text.splitlines())
    return int(fields["wchar"]) / 1e6


def test_a_day_offline_writes_less_than_20_mb(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    station, before = Station(tmp_path), written_mb()
    for _ in range(DAY_REPORTS):
        station.minute()
    written = written_mb() - before
    with capsys.disabled():
        print(f"\na day offline: {written:.1f} MB written, {station.disk_mb():.1f} MB kept")
    assert station.outbox.queued == DAY_REPORTS
    assert written < MOST_WRITTEN_MB_A_DAY
    station.outbox.close({})


def test_a_week_offline_stays_under_its_cap_and_keeps_every_safety_event(
    station: Station, capsys: pytest.CaptureFixture[str]
) -> None:
    most_mb, alarms, added = 0.0, [], 0
    for minute in range(7 * DAY_REPORTS):
        is_alarm = minute % 997 == 0
        seq = station.minute(is_alarm)
        added += 1
        alarms += [seq] if is_alarm else []
        if minute % 60 == 0:
            most_mb = max(most_mb, station.disk_mb())
    outbox = station.outbox
    with capsys.disabled():
        print(f"\na week offline: {most_mb:.2f} MB at most, {outbox.dropped} of {added} dropped")
    assert most_mb <= CAP_MB
    assert outbox.dropped == added - outbox.queued > 0
    assert set(alarms) <= set(outbox.backlog())
    _replayed_in_order(station, set(alarms))


@pytest.mark.parametrize("chargers", [6, 12, 20, 32])
def test_a_station_with_much_to_say_stays_under_its_cap_too(tmp_path: Path, chargers: int) -> None:
    """Pages of 4 KB: of a report of 2 KB two may fit into one, of the next larger only one."""
    station, most_mb = Station(tmp_path, CAP_MB), 0.0
    sockets = tuple(Charger(id=f"socket-{n}", kind="phone", power_w=11.2) for n in range(chargers))
    for minute in range(70_000 // chargers):
        station.clock.advance(minutes=1)
        station.outbox.add(Measurement(station.clock.now(), "synced", 1.0, chargers=sockets))
        station.outbox.tick()
        if minute % 30 == 0:
            most_mb = max(most_mb, station.disk_mb())
    assert station.outbox.dropped > 0
    assert 0.7 * CAP_MB < most_mb <= CAP_MB
    station.outbox.abandon()


def _replayed_in_order(station: Station, alarms: set[int]) -> None:
    """Live first, then safety events, then the rest newest first, and never faster than paced."""
    outbox, link, pace = station.outbox, FakeLink(), Pace(start_s=1.0, backlog_per_s=20.0)
    uplink = Uplink("kunshan", "ks-songnan", outbox, link, station.clock, Random(1), pace)
    waiting, live = outbox.queued, station.outbox.newest()
    link.happen(Online())
    order: list[int] = []
    seconds = 0
    while outbox.queued and seconds < 2000:
        for _ in range(4):
            station.clock.advance(0.25)
            uplink.turn()
        seconds += 1
        reports = [decode(Report, payload) for payload in link.take(Leaf.REPORT)]
        assert len(reports) <= 2 * pace.backlog_per_s
        order += [report.seq for report in reports]
        for report in reports:
            link.receipt(report.stream, report.seq)
    backlog = [seq for seq in order if seq != live]
    assert order[0] == live
    assert len(order) == waiting
    assert set(backlog[: len(alarms)]) >= alarms - {live}
    rest = [seq for seq in backlog if seq not in alarms]
    assert rest == sorted(rest, reverse=True)
    assert waiting / pace.backlog_per_s * 0.8 <= seconds
