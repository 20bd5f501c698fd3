"""The first view reads rows of days and months by their number, and not one report."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.bench.district import some_days
from tests.support.figures import city, district_of
from warmstation_server.usage.period import DAY, Period, month_of
from warmstation_server.usage.rollup import Rollup

ZONE = ZoneInfo("Asia/Shanghai")
LAST = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Sealed:
    """A history that nobody may ask."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the history was asked for its {name}")


@pytest.fixture
def filled(tmp_path: Path) -> Rollup:
    """Fourteen months of a small city."""
    rollup, kinds = Rollup(tmp_path / "usage.db", ZONE.key), some_days(3)
    _, places = city(6)
    day = date(2025, 9, 1)
    while day <= LAST:
        rollup.put(day, {one.id: kinds[day.day % 3] for one in places}, "x")
        day += DAY
        if day.day == 1:
            rollup.close_month(month_of(day - DAY))
    return rollup


@pytest.mark.parametrize(
    "period",
    [
        Period(date(2025, 11, 22), LAST),
        Period(date(2026, 11, 1), LAST),
        Period(date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_a_view_searches_and_never_scans(filled: Rollup, period: Period) -> None:
    regions, places = city(6)
    district = district_of(filled, ZONE, history=Sealed())
    said: list[str] = []
    connection = filled._connection
    connection.set_trace_callback(said.append)
    answer = district.answer(places, regions, period, NOW)
    connection.set_trace_callback(None)
    assert answer.sums.visits > 0
    plans = {
        plan[3]
        for one in {text for text in said if text.startswith("SELECT")}
        for plan in connection.execute(f"EXPLAIN QUERY PLAN {one}").fetchall()
    }
    assert plans
    assert [plan for plan in plans if not plan.startswith("SEARCH")] == []
    assert len(said) < 120
    filled.close()
