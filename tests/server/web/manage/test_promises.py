"""A manager's page says of a promise what the district's figures say of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.figures import station
from warmstation_server.history import Usage
from warmstation_server.usage.metric import figures
from warmstation_server.web.manage.promises import measured

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_hours_that_nobody_watched_are_not_counted_as_kept_on_either_page() -> None:
    watched = [Usage(MORNING + n * HOUR, reports=60, signs=1, watched_s=3600.0) for n in range(3)]
    span = MORNING, MORNING + 12 * HOUR
    found = measured(station("aa", "street"), watched, [span], span, ZONE)
    hours, *others = found.kept
    assert (hours.word, hours.share, hours.measured) == ("promise.hours", 0.25, 0.25)
    assert hours.share == figures(found.sums)["hours_kept"].value
    assert {one.share for one in others} == {None}
