"""The file of days and months: what is not committed is not known either."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.bench.district import some_days
from warmstation_server.usage.day import DayCount
from warmstation_server.usage.period import DAY, Period
from warmstation_server.usage.rollup import Rollup
from warmstation_server.usage.sums import Sums

ZONE = "Asia/Shanghai"
MONDAY = date(2026, 11, 16)
WEEK = Period(MONDAY, MONDAY + 6 * DAY)


def visited(count: int) -> DayCount:
    (kind,) = some_days(1)
    return replace(kind, sums=Sums(days=1, visits=count))


BROKEN = visited(-1)
"""No file takes it: a write that fails half-way, as on a disk that is full."""


def visits(rollup: Rollup) -> dict[str, int]:
    found = rollup.added(["aa", "bb", "cc"], WEEK).by_station
    return {name: Sums.of(total).visits for name, total in found.items()}


def test_a_day_that_could_not_be_written_mixes_no_two_stations_up(tmp_path: Path) -> None:
    rollup = Rollup(tmp_path / "usage.db", ZONE)
    with pytest.raises(ValueError, match="below"):
        rollup.put(MONDAY, {"aa": visited(1), "bb": BROKEN}, "x")
    rollup.put(MONDAY, {"bb": visited(20), "aa": visited(1)}, "x")
    rollup.close()
    again = Rollup(tmp_path / "usage.db", ZONE)
    again.put(MONDAY + DAY, {"cc": visited(300)}, "y")
    assert visits(again) == {"aa": 1, "bb": 20, "cc": 300}
    again.close()


def test_an_earlier_first_day_that_could_not_be_written_is_none(tmp_path: Path) -> None:
    rollup = Rollup(tmp_path / "usage.db", ZONE)
    for n in (0, 2, 3):
        rollup.put(MONDAY + n * DAY, {"bb": visited(20)}, "x")
    rollup.put(MONDAY + 3 * DAY, {"aa": visited(1), "bb": visited(20)}, "x")
    with pytest.raises(ValueError, match="below"):
        rollup.put(MONDAY, {"aa": visited(1), "bb": BROKEN}, "z")
    assert rollup.first_day("aa") == MONDAY + 3 * DAY
    rollup.put(MONDAY, {"aa": visited(1), "bb": visited(20)}, "z")
    assert rollup.first_day("aa") == MONDAY
    assert set(rollup.marks()) == {MONDAY, MONDAY + 3 * DAY}, "the days between are counted again"
    rollup.close()
