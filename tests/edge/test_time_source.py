"""Who has set the clock: timesyncd, another daemon, a battery, or nobody."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.hanging_card import HangingCard
from warmstation_edge.clock import SystemClock
from warmstation_edge.measurement import Measurement
from warmstation_edge.time_source import TimeSource, kernel_error_us_of_libc

NOW_S = 1_795_000_000.0


def source(root: Path, kernel_error_us: int | None = 16_000_000) -> TimeSource:
    return TimeSource(root / "run", root / "sys", lambda: kernel_error_us)


def timesyncd(root: Path, has_set: bool) -> None:
    (root / "run/systemd/timesync").mkdir(parents=True)
    if has_set:
        (root / "run/systemd/timesync/synchronized").touch()


def battery(root: Path, since_epoch: float) -> None:
    folder = root / "sys/class/rtc/rtc0"
    folder.mkdir(parents=True)
    (folder / "since_epoch").write_text(f"{since_epoch:.0f}\n")


def test_timesyncd_says_it_by_a_file(tmp_path: Path) -> None:
    timesyncd(tmp_path, has_set=True)
    assert source(tmp_path, None).is_set()


def test_while_timesyncd_runs_the_kernel_is_not_asked(tmp_path: Path) -> None:
    timesyncd(tmp_path, has_set=False)
    assert not source(tmp_path, 5).is_set()


@pytest.mark.parametrize(
    ("error_us", "is_set"), [(1_200, True), (15_999_999, True), (16_000_000, False), (None, False)]
)
def test_chrony_and_ntpd_tell_the_kernel(
    tmp_path: Path, error_us: int | None, is_set: bool
) -> None:
    assert source(tmp_path, error_us).is_set() is is_set


def test_a_kernel_that_may_not_be_asked_is_asked_once(tmp_path: Path) -> None:
    asked = []
    one = TimeSource(tmp_path, tmp_path, lambda: asked.append(1))
    assert not any(one.is_set() for _ in range(3))
    assert len(asked) == 1


def test_a_time_that_was_only_saved_at_shutdown_is_not_set(tmp_path: Path) -> None:
    """As fake-hwclock and timesyncd do at a start without a network."""
    timesyncd(tmp_path, has_set=False)
    assert not source(tmp_path).is_set()
    assert not source(tmp_path).is_kept(NOW_S)


def test_a_battery_that_runs_with_the_clock_has_kept_the_time(tmp_path: Path) -> None:
    battery(tmp_path, NOW_S - 1)
    assert source(tmp_path).is_kept(NOW_S)
    assert not source(tmp_path).is_set()


def test_an_empty_battery_has_kept_nothing(tmp_path: Path) -> None:
    """It began anew in 2000, or in 1970 as a Pi 5 without a battery; the clock was saved later."""
    battery(tmp_path, 946_684_800 + 60)
    assert not source(tmp_path).is_kept(NOW_S)
    assert not source(tmp_path).is_kept(946_684_800 + 60)


def test_the_real_kernel_answers() -> None:
    error_us = kernel_error_us_of_libc()
    assert error_us is None or error_us >= 0


class Kept(TimeSource):
    """A clock that a battery kept, until a time server is found."""

    is_found = False
    looked = 0

    def is_set(self) -> bool:
        return self.is_found

    def is_kept(self, now_s: float) -> bool:
        self.looked += 1
        return True


def test_a_clock_is_synced_estimated_or_unsynced(tmp_path: Path) -> None:
    assert SystemClock(source(tmp_path)).quality() == "unsynced"
    kept = Kept()
    clock = SystemClock(kept)
    assert [clock.quality() for _ in range(5)] == ["estimated"] * 5
    assert kept.looked == 1, "the battery clock is read once a minute"
    kept.is_found = True
    assert clock.quality() == "synced"


def test_nothing_waits_for_a_battery_clock_on_a_bus_that_hangs() -> None:
    kept, bus = Kept(), HangingCard()
    bus.hangs = True
    clock = SystemClock(kept, executor=bus)
    assert clock.quality() == "unsynced"
    assert clock.quality() == "unsynced"
    assert bus.waiting == 1
    bus.come_back()
    assert clock.quality() == "estimated"


@pytest.mark.parametrize("year", [1903, 2200, 2231])
def test_a_year_that_cannot_be_is_told_as_one_that_the_contract_knows(year: int) -> None:
    kept = Kept()
    kept.is_found = year > 2000
    clock = SystemClock(kept, lambda: datetime(year, 6, 1, tzinfo=UTC))
    told = Measurement(clock.now(), clock.quality(), 1.0).as_report("ks-a", "9f3c", 1)
    assert told.measured_at.year == (1970 if year < 1970 else 2200)
    assert told.clock == ("estimated" if year < 1970 else "unsynced")


def test_the_clock_is_awaited_while_a_daemon_asks_for_the_time(tmp_path: Path) -> None:
    assert not source(tmp_path).is_awaited(), "nobody asks"
    (tmp_path / "run/chrony").mkdir(parents=True)
    assert source(tmp_path).is_awaited()
    assert not source(tmp_path, 1_200).is_awaited(), "it has come"
    assert SystemClock(source(tmp_path)).is_awaited()
    battery(tmp_path, time.time())
    assert not SystemClock(source(tmp_path)).is_awaited()
