"""A station's promise over time: the hours of its week, and since when it is closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.registered import station
from warmstation_server.conditions.place import Place


@pytest.mark.parametrize("hours", ["24/7", "Mo-Su 07:00-22:00", "Mo-Su 22:00-06:00", "wrong"])
@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Shanghai"])
def test_the_hour_of_the_week_is_the_local_one_also_when_clocks_change(
    hours: str, day: str, zone: str
) -> None:
    if zone == "Australia/Lord_Howe":  # by half an hour, on other days
        day = {"2026-03-28": "2026-04-03", "2026-10-24": "2026-10-02"}[day]
    place, local = Place(station(hours=hours, zone=zone)), ZoneInfo(zone)
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for _ in range(4 * 72):
        at += timedelta(minutes=15)
        place.at(at.timestamp())
        there = at.astimezone(local)
        if hours == "wrong":
            there = at  # nobody can read when it is open
        assert place.hour_of_week(at.timestamp()) == there.weekday() * 24 + there.hour


def test_it_is_known_since_when_it_is_closed_also_at_the_end_of_the_longest_holiday() -> None:
    place = Place(station(hours="Mo-Fr 08:00-18:00; 2026 Feb 13-2026 Feb 24 off"))
    last = datetime(2026, 2, 12, 10, 0, tzinfo=UTC).timestamp()
    place.at(last + 12 * 86400.0)
    assert (place.opened_s, place.closed_s) == (None, last)
