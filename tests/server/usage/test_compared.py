"""With what a period is compared: not with a few days of a period that nobody measured."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.bench.district import some_days
from tests.support.figures import city, district_of
from warmstation_server.usage.period import DAY, Period
from warmstation_server.usage.rollup import Rollup

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = Period(date(2026, 11, 15), date(2026, 11, 21))
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "has_totals", "has_shares"),
    [(8, True, True), (9, False, True), (11, False, True), (12, False, False)],
)
def test_a_period_of_which_less_than_half_was_counted_is_not_compared_with(
    tmp_path: Path, first: int, *, has_totals: bool, has_shares: bool
) -> None:
    rollup, (kind,) = Rollup(tmp_path / "usage.db", ZONE.key), some_days(1)
    regions, places = city(2)
    day = date(2026, 11, first)
    while day <= WEEK.last:
        rollup.put(day, {one.id: kind for one in places}, "x")
        day += DAY
    answer = district_of(rollup, ZONE).answer(places, regions, WEEK, NOW)
    rollup.close()
    before = answer.previous_figures
    assert (before["visits"].value is not None) == has_totals
    assert (before["heating_18"].value is not None) == has_shares
    assert answer.figures["heating_18"].value is not None
