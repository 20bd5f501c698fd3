"""A stretch of the past: what an address means, and where it leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest

from warmstation_server.web.manage.stretch import LEAST, MOST, Stretch, stretch

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 4, 0, 31, tzinfo=UTC)  # noon in Shanghai
NOON = NOW.replace(second=0)


def asked(**given: str) -> Stretch:
    names = {"start": "from", "end": "to"}
    return stretch({names.get(key, key): value for key, value in given.items()}, NOW, ZONE)


def test_without_a_question_it_is_the_last_day() -> None:
    assert (asked().start, asked().end, asked().wrong) == (NOON - timedelta(days=1), NOON, "")


def test_fields_are_read_by_the_clock_of_the_station() -> None:
    one = asked(start="2026-11-20T08:00", end="2026-11-20T20:30")
    assert one.start == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
    assert one.end == datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def test_a_day_by_itself_is_all_of_it() -> None:
    one = asked(start="2026-11-20", end="2026-11-20")
    assert (one.start, one.length) == (
        datetime(2026, 11, 19, 16, tzinfo=UTC),
        timedelta(days=1),
    )


def test_what_has_not_happened_yet_is_not_drawn() -> None:
    assert asked(start="2026-11-22", end="2026-11-23").end == NOON


def test_a_beginning_alone_reaches_to_now_and_an_end_alone_a_day_back() -> None:
    assert asked(start="2026-11-21T00:00").end == NOON
    assert asked(end="2026-11-20T08:00").length == timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        ("yesterday", "2026-11-20T08:00", "past.wrong.moment"),
        ("2026-11-20T08:00+08:00", "", "past.wrong.moment"),
        ("2026-11-20T08:00", "2026-11-20T08:00", "past.wrong.order"),
        ("2026-11-23T08:00", "2026-11-24T08:00", "past.wrong.order"),
        ("0001-01-01", "0001-01-01", "past.wrong.moment"),
        ("9999-12-31", "9999-12-31", "past.wrong.moment"),
    ],
)
def test_what_makes_no_sense_is_told_and_the_last_day_is_shown(
    start: str, end: str, wrong: str
) -> None:
    one = asked(start=start, end=end)
    assert (one.wrong, one.end, one.length) == (wrong, NOON, timedelta(days=1))


def test_more_than_a_month_is_its_end_and_says_so() -> None:
    one = asked(start="2026-06-01", end="2026-11-20")
    assert (one.wrong, one.length) == ("past.wrong.long", MOST)


def test_its_own_address_leads_to_itself() -> None:
    for one in (
        asked(),
        asked(start="2026-11-20T08:01", end="2026-11-20T09:00", kind="rider", beside="1"),
    ):
        assert stretch(dict(parse_qsl(one.query())), NOW, ZONE) == one


def test_the_ways_lead_half_a_length_on_and_never_past_now() -> None:
    one = asked(start="2026-11-20T00:00", end="2026-11-20T12:00")
    ways = {key: stretch(dict(parse_qsl(query)), NOW, ZONE) for key, query in one.ways(NOW).items()}
    assert ways.keys() == {"earlier", "later", "closer", "wider"}
    assert ways["earlier"].end - one.end == timedelta(hours=-6)
    assert ways["later"].start - one.start == timedelta(hours=6)
    assert (ways["closer"].length, ways["wider"].length) == (
        timedelta(hours=6),
        timedelta(hours=24),
    )
    newest = asked()
    assert "later" not in newest.ways(NOW)
    assert stretch(dict(parse_qsl(newest.ways(NOW)["wider"])), NOW, ZONE).end == NOON


def test_nobody_gets_closer_than_half_an_hour_or_wider_than_a_month() -> None:
    short = asked(start="2026-11-20T08:00", end="2026-11-20T08:40")
    assert short.length / 2 < LEAST
    assert "closer" not in short.ways(NOW)
    assert "wider" not in asked(start="2026-10-20", end="2026-11-19").ways(NOW)


def test_steps_begin_where_the_stations_clock_strikes() -> None:
    one = asked(start="2026-11-02T07:11", end="2026-11-20T08:00")
    assert one.reach.window == timedelta(hours=6)
    assert one.first_step.astimezone(ZONE).hour == 6
