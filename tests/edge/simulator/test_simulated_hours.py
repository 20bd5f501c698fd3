from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest

from warmstation_edge.simulator.errors import BadFleet
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.holidays import HOLIDAYS, MAKE_UP_WORKDAYS
from warmstation_edge.simulator.hours import PostedHours
from warmstation_server.hours import Hours

TEXTS = sorted({station.hours for station in load("all").stations})


@pytest.mark.parametrize("text", TEXTS)
def test_staff_keeps_the_hours_that_the_server_reads_from_the_same_text(text: str) -> None:
    posted, served = PostedHours(text), Hours(text)
    at = datetime(2026, 9, 18, 0, 30, tzinfo=UTC)
    for _ in range(24 * 30):
        at += timedelta(hours=1)
        seconds = at.timestamp()
        assert posted.span(seconds).holds(seconds) == served.is_open(at), at


def test_fleets_have_a_variety_of_hours() -> None:
    assert {"24/7", "Mo-Su 12:00-06:00", "Mo-Fr 08:30-17:30; PH off"} <= set(TEXTS)


def test_holidays_of_this_year_are_those_of_the_calendar() -> None:
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(days=number)
        is_off, name = chinese_calendar.get_holiday_detail(day)
        assert (day in HOLIDAYS) == (is_off and name is not None), day
        assert (day in MAKE_UP_WORKDAYS) == (not is_off and name is not None), day


def test_an_opening_over_midnight_is_one_span() -> None:
    span = PostedHours("Mo-Su 12:00-06:00").span(datetime(2026, 11, 18, 17, tzinfo=UTC).timestamp())
    assert datetime.fromtimestamp(span.start_s, UTC) == datetime(2026, 11, 18, 4, tzinfo=UTC)
    assert datetime.fromtimestamp(span.end_s, UTC) == datetime(2026, 11, 18, 22, tzinfo=UTC)


@pytest.mark.parametrize("text", ["always", "Mo-Xx 07:00-22:00", "Mo-Su 7-22", "Mo-Su 07:00-22:0"])
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadFleet, match="hours"):
        PostedHours(text)
