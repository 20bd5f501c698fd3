"""When alerts of an export happened: by the clock of the deployment."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from warmstation_server.exports.table import _there

LATE = datetime(2026, 11, 21, 17, 5, 30, tzinfo=UTC)


def test_a_moment_is_told_as_the_clock_of_the_deployment_showed_it() -> None:
    assert _there(LATE, ZoneInfo("Asia/Shanghai")) == "2026-11-22 01:05:30"


def test_what_has_not_happened_has_no_time() -> None:
    assert _there(None, ZoneInfo("Asia/Shanghai")) is None
