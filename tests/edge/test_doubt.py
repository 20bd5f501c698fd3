"""A time server that lies: a time that has passed is not believed, and a station heals of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.clocks import FakeClock
from warmstation_edge.doubt import BELIEVED_S, KEEP_S, PROVED_S, DoubtingClock
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits

NOVEMBER = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


class Station:
    """A clock with its card; the power can be cut, and a router can say any time."""

    def __init__(self, folder: Path) -> None:
        self.inner = FakeClock(NOVEMBER)
        self.limits = OutboxLimits(path=folder / "outbox.db")
        self.start()

    def start(self) -> None:
        self.clock = DoubtingClock(self.inner)
        self.outbox = Outbox("ks-songnan", self.limits, self.clock)
        self.clock.memory = self.outbox.notes

    def told(self, time: datetime) -> None:
        """The router says that it is so late."""
        self.inner.step(time)
        self.inner.synced = True

    def run(self, seconds: float) -> None:
        """Time passes by the minute."""
        for _ in range(round(seconds / 60)):
            self.inner.advance(minutes=1)
            self.clock.is_synced()
            self.outbox.tick()

    def cut(self, told: datetime) -> None:
        """The power is cut, and then the router says what time it is."""
        self.outbox.abandon()
        self.inner.reboot(datetime(1970, 1, 1, tzinfo=UTC))
        self.start()
        self.told(told)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path)
    yield station
    station.outbox.abandon()


def test_a_clock_that_is_set_is_believed(station: Station) -> None:
    assert station.clock.is_synced()
    assert station.clock.quality() == "synced"
    station.inner.synced, station.inner.kept = False, True
    assert station.clock.quality() == "estimated"


def test_a_time_before_this_software_is_never_believed(station: Station) -> None:
    for year in (1970, 2018, 2025):
        station.told(datetime(year, 12, 31, tzinfo=UTC))
        assert not station.clock.is_synced()
        assert station.clock.quality() == "unsynced"
    station.told(datetime(2018, 1, 1, tzinfo=UTC))
    station.run(2 * BELIEVED_S)
    assert not station.clock.is_synced()


@pytest.mark.parametrize("is_by_battery", [False, True])
def test_a_time_months_back_is_doubted_also_after_a_power_cut(
    station: Station, is_by_battery: bool
) -> None:
    station.run(PROVED_S + 60)
    station.cut(JUNE)
    if is_by_battery:
        station.inner.synced, station.inner.kept = False, True
    assert station.clock.quality() == "unsynced"
    station.run(PROVED_S + 60)
    assert station.clock.quality() == "unsynced", "it is not proved by standing for an hour"
    station.told(NOVEMBER + timedelta(hours=3))
    assert station.clock.quality() == "synced"


def test_a_clock_that_jumps_back_in_mid_run_is_doubted(station: Station) -> None:
    station.run(PROVED_S + 60)
    station.told(JUNE)
    assert not station.clock.is_synced()


def test_a_clock_that_is_put_right_by_seconds_is_not_doubted(station: Station) -> None:
    station.run(PROVED_S + 60)
    for _ in range(20):
        station.told(station.inner.now() - timedelta(seconds=200))
        assert station.clock.is_synced()
        station.run(60 * 60)


def test_a_wrong_time_for_less_than_an_hour_poisons_nothing(station: Station) -> None:
    station.run(PROVED_S + 60)
    truth = station.inner.now()
    station.told(truth + timedelta(days=2000))
    station.run(PROVED_S - 120)
    station.told(truth + timedelta(hours=1))
    assert station.clock.is_synced()


def test_who_says_the_same_for_a_day_is_believed_and_the_card_learns_it(station: Station) -> None:
    future = NOVEMBER + timedelta(days=2000)
    station.told(future)
    station.run(PROVED_S + 60)
    station.cut(NOVEMBER)
    assert not station.clock.is_synced(), "nobody knows yet which of the two is wrong"
    station.run(BELIEVED_S + 60)
    assert station.clock.is_synced()
    station.cut(NOVEMBER + timedelta(days=2))
    assert station.clock.is_synced(), "it was forgotten, on the card too"


def test_the_card_is_told_the_time_four_times_a_day(station: Station) -> None:
    station.run(PROVED_S + 60)
    first = station.outbox.notes.seen_s
    assert first is not None
    station.run(KEEP_S - 120)
    assert station.outbox.notes.seen_s == first
    station.run(180)
    assert (station.outbox.notes.seen_s or 0.0) - first >= KEEP_S
