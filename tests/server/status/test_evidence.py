"""Evidence that people use a station."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from typing import Any

import pytest

from tests.support.registered import NOON, received
from warmstation_server.history import HOLD, Received, Usage
from warmstation_server.status.coverage import covered_time, with_interval
from warmstation_server.status.evidence import Evidence, after_report, from_usage

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)


def folded(*reports: Received) -> Evidence:
    return reduce(after_report, reports, Evidence())


def each_minute(*parts: dict[str, Any]) -> list[Received]:
    return [received(n + 1, NOON + n * MINUTE, **part) for n, part in enumerate(parts)]


def test_a_crossing_shows_between_two_reports() -> None:
    said = [{"people": {"entered": entered}} for entered in (5, 5, 6, 6)]
    assert folded(*each_minute(*said)).last() == NOON + 2 * MINUTE


def test_a_counter_that_stands_is_no_evidence() -> None:
    said = [{"people": {"entered": 5, "left": 5, "inside": 1}}] * 3
    assert folded(*each_minute(*said)).last() is None


def test_a_crossing_that_only_the_backlog_shows_is_dated_by_it() -> None:
    before, live = received(1, people={"entered": 5}), received(9, NOON + 9 * MINUTE)
    backlog = received(4, NOON + 3 * MINUTE, late=HOLD, people={"entered": 6})
    assert folded(before, live, backlog).last() == NOON + 3 * MINUTE


def test_a_door_that_was_open_and_is_closed_has_moved() -> None:
    said = [{"door": {"open": is_open}} for is_open in (True, True, False, False)]
    assert folded(*each_minute(*said)).last() == NOON + MINUTE


def test_a_door_that_stands_open_is_no_evidence() -> None:
    assert folded(*each_minute(*[{"door": {"open": True}}] * 3)).last() is None


def test_presence_is_evidence_while_it_lasts() -> None:
    said = [{"people": {"present": present}} for present in (True, True, False)]
    assert folded(*each_minute(*said)).last() == NOON + MINUTE


def test_nobody_knows_when_an_unsynced_report_was() -> None:
    assert folded(received(1, clock="unsynced", people={"present": True})) == Evidence()


@pytest.mark.parametrize(
    ("parts", "watched"),
    [
        ({"people": {"present": False}}, HOLD),
        ({"people": {"entered": 1}}, HOLD),
        ({"door": {"open": False}}, HOLD),
        ({"climate": {"room_c": 20.0}}, timedelta(0)),
    ],
)
def test_only_a_sensor_that_sees_people_watches(parts: dict[str, Any], watched: timedelta) -> None:
    assert folded(received(1, **parts)).watched(NOON, NOON + timedelta(hours=1)) == watched


def test_a_gap_between_reports_is_not_watched() -> None:
    door = {"open": False}
    evidence = folded(received(1, door=door), received(2, NOON + timedelta(hours=1), door=door))
    assert evidence.watched(NOON, NOON + timedelta(hours=2)) == 2 * HOLD


def test_intervals_join_where_they_touch() -> None:
    covered = with_interval((), NOON, NOON + MINUTE)
    covered = with_interval(covered, NOON + 2 * MINUTE, NOON + 3 * MINUTE)
    assert len(covered) == 2
    covered = with_interval(covered, NOON + MINUTE, NOON + 2 * MINUTE)
    assert covered == ((NOON, NOON + 3 * MINUTE),)
    assert covered_time(covered, NOON + MINUTE, NOON + 9 * MINUTE) == 2 * MINUTE


def test_usage_tells_of_crossings_and_of_nobody() -> None:
    buckets = [
        Usage(NOON, visits=1, people_measured_s=900, people_max=1),
        Usage(NOON + QUARTER, people_measured_s=600, people_max=0),
        Usage(NOON + 2 * QUARTER, people_measured_s=900, people_max=2),
    ]
    evidence = from_usage(buckets, QUARTER)
    assert evidence.last() == NOON
    assert evidence.watched(NOON, NOON + 4 * QUARTER) == timedelta(seconds=600)
