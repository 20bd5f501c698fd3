"""When alerts of an export happened: by the clock of the deployment."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from warmstation_server.exports.table import Cell, alerts
from warmstation_server.usage.response import Alarm
from warmstation_server.web.words import Words

LATE = datetime(2026, 11, 21, 17, 5, 30, tzinfo=UTC)


def told(zone: str, alarm: Alarm) -> dict[str, Cell]:
    """The one row, by what stands above it."""
    words, answer = Words("en"), SimpleNamespace(alarms=[alarm])
    found: Any = answer  # of an answer, its alerts are all that this table reads
    table = alerts(found, words, ZoneInfo(zone))
    (row,) = table.rows
    names = ("station", "condition", "severity", "fired", "acknowledged", "resolved")
    assert list(table.columns) == [words(f"alarm.{name}") for name in names]
    return dict(zip(names, row, strict=True))


def test_a_moment_is_told_as_the_clock_of_the_deployment_showed_it() -> None:
    alarm = Alarm("a1", "ks-a", "heating.no_heat", "critical", LATE, LATE, LATE)
    for zone, at in (
        ("Asia/Shanghai", "2026-11-22 01:05:30"),
        ("Asia/Urumqi", "2026-11-21 23:05:30"),
    ):
        row = told(zone, alarm)
        assert (row["fired"], row["acknowledged"], row["resolved"]) == (at, at, at)


def test_what_has_not_happened_has_no_time() -> None:
    row = told("Asia/Shanghai", Alarm("a1", "ks-a", "heating.no_heat", "critical", LATE))
    assert (row["acknowledged"], row["resolved"]) == (None, None)
