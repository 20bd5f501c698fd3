"""Not opened at the posted hour: hours that change, nights, holidays and make-up days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.registered import NOON, station
from tests.support.watched import HOUR, MINUTE, Watching

EMPTY: dict[str, Any] = {"people": {"inside": 0, "entered": 5, "left": 5, "present": False}}


@pytest.mark.parametrize(
    ("posted", "holds"), [("10:00-22:00", False), ("06:50-22:00", True), ("07:00-20:00", True)]
)
def test_hours_that_change_while_it_is_open_count_from_now_on(posted: str, holds: bool) -> None:
    one = Watching()
    one.now = NOON - 6 * HOUR  # an hour before it opens
    one.look()
    one.every_minute(4 * HOUR + 30 * MINUTE, **EMPTY)
    assert one.holds("station.not_opened") is True
    one.registry.stations = {"ks-songnan": station(hours=f"Mo-Su,PH {posted}")}
    one.watch.registry_changed()
    one.every_minute(10 * MINUTE, **EMPTY)
    assert one.holds("station.not_opened") is holds
    assert one.now - one.one("station.not_opened").at <= 10 * MINUTE
    one.every_minute(3 * HOUR, **EMPTY)
    assert one.holds("station.not_opened") is True


@pytest.mark.parametrize("hours", ["Mo-Su,PH 22:00-06:00", "24/7"])
def test_a_night_shift_is_missed_once_and_a_house_that_never_closes_never(hours: str) -> None:
    one = Watching(station(hours=hours))
    one.now = NOON + 9 * HOUR  # 21:00
    one.look()
    one.every_minute(4 * HOUR + 10 * MINUTE, **EMPTY)
    assert bool(one.holds("station.not_opened")) is (hours != "24/7")
    one.every_minute(5 * HOUR, **EMPTY)  # past six
    assert not one.holds("station.not_opened")


def test_a_holiday_without_hours_is_not_missed_and_a_make_up_day_is() -> None:
    for day, holds in (("2026-10-01", False), ("2026-10-10", True)):  # a Thursday, a Saturday
        one = Watching(station(hours="Mo-Fr 07:00-22:00; PH off"))
        one.now = datetime.fromisoformat(f"{day}T06:00+08:00").astimezone(UTC)
        one.look()
        one.every_minute(5 * HOUR, **EMPTY)
        assert bool(one.holds("station.not_opened")) is holds
