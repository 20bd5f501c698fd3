"""The usual busy hours."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.support.registered import NOON
from warmstation_server.history import Usage
from warmstation_server.status.busy import busy_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_the_mean_of_an_hour_is_weighted_by_what_was_measured() -> None:
    buckets = [
        Usage(NOON, people_s=36_000, people_measured_s=3_600),
        Usage(NOON - timedelta(days=1), people_s=0, people_measured_s=1_800),
    ]
    busy = busy_hours(buckets, SHANGHAI)
    assert busy[12] == 36_000 / 5_400


def test_an_hour_that_was_never_measured_is_unknown() -> None:
    busy = busy_hours([Usage(NOON, people_s=0, people_measured_s=60)], SHANGHAI)
    assert len(busy) == 24
    assert busy[12] == 0
    assert busy[13] is None
