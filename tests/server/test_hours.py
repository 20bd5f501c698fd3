from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmstation_server.hours import BadHours, Hours, holidays_known
from warmstation_server.hours.calendar import Day, kind_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
OFFICE = "Mo-Fr 09:00-18:00; PH off"


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def opened(hours: Hours, start: str, end: str) -> list[tuple[str, str]]:
    """Open spans as local `mm-dd hh:mm`."""
    return [
        (f"{a.astimezone(hours.zone):%m-%d %H:%M}", f"{b.astimezone(hours.zone):%m-%d %H:%M}")
        for a, b in hours.intervals(local(start, hours.zone), local(end, hours.zone))
    ]


@pytest.mark.parametrize("day", ["2025-01-26", "2025-02-08", "2025-09-28", "2026-02-14"])
def test_a_makeup_workday_is_worked(day: str) -> None:
    assert Hours(OFFICE).is_open(local(f"{day} 10:00"))
    assert not Hours(OFFICE).is_open(local(f"{day} 19:00"))


@pytest.mark.parametrize("day", ["2025-02-03", "2025-10-07", "2025-01-01", "2026-10-01"])
def test_a_statutory_holiday_is_off(day: str) -> None:
    assert not Hours(OFFICE).is_open(local(f"{day} 10:00"))


def test_without_a_word_about_holidays_weekdays_are_weekdays() -> None:
    assert Hours("Mo-Fr 09:00-18:00").is_open(local("2025-02-03 10:00"))
    assert Hours("Mo-Fr 09:00-18:00").is_open(local("2025-01-26 10:00"))


def test_weekend_rules_do_not_hold_on_a_worked_saturday() -> None:
    hours = Hours("Mo-Fr 09:00-18:00; Sa,Su 13:00-15:00")
    assert opened(hours, "2025-02-08", "2025-02-10") == [
        ("02-08 09:00", "02-08 18:00"),
        ("02-09 13:00", "02-09 15:00"),
    ]


def test_closed_on_mondays_does_not_close_a_worked_sunday() -> None:
    assert Hours("Tu-Su 10:00-20:00").is_open(local("2025-01-26 11:00"))


def test_holidays_may_have_hours_of_their_own() -> None:
    hours = Hours("Mo-Su 08:00-22:00; PH 10:00-16:00")
    assert opened(hours, "2025-01-01", "2025-01-03") == [
        ("01-01 10:00", "01-01 16:00"),
        ("01-02 08:00", "01-02 22:00"),
    ]


def test_the_day_after_a_holiday_can_be_named() -> None:
    hours = Hours("Mo-Su 08:00-22:00; PH +1 day 12:00-14:00")
    assert opened(hours, "2025-01-02", "2025-01-03") == [("01-02 12:00", "01-02 14:00")]


def test_a_holiday_on_a_weekday_can_be_named() -> None:
    hours = Hours("08:00-22:00; PH Mo-Fr off")
    assert opened(hours, "2025-01-31", "2025-02-02") == [("02-01 08:00", "02-01 22:00")]


def test_the_night_belongs_to_the_day_it_began_on() -> None:
    hours = Hours("12:00-06:00; PH off")
    assert opened(hours, "2024-12-31", "2025-01-03") == [
        ("12-31 00:00", "12-31 06:00"),
        ("12-31 12:00", "01-01 06:00"),
        ("01-02 12:00", "01-03 00:00"),
    ]


def test_friday_night_runs_on_into_a_closed_saturday() -> None:
    hours = Hours("Mo-Fr 09:00-12:00,18:00-02:00; Sa off")
    assert opened(hours, "2025-01-10 08:00", "2025-01-12") == [
        ("01-10 09:00", "01-10 12:00"),
        ("01-10 18:00", "01-11 02:00"),
    ]


def test_whole_days_beside_nights_do_not_leak_into_the_next_day() -> None:
    hours = Hours("Mo-Fr 20:00-02:00; Sa open")
    assert opened(hours, "2025-01-10 12:00", "2025-01-13 12:00") == [("01-10 20:00", "01-12 00:00")]


def test_hours_past_24_are_the_next_morning() -> None:
    assert opened(Hours("22:00-26:00"), "2025-01-06 12:00", "2025-01-07 12:00") == [
        ("01-06 22:00", "01-07 02:00")
    ]


def test_opened_at_is_the_start_of_the_current_opening_over_midnight() -> None:
    hours = Hours("12:00-06:00")
    assert hours.opened_at(local("2025-03-04 02:00")) == local("2025-03-03 12:00")
    assert hours.opened_at(local("2025-03-04 07:00")) is None


def test_an_endless_opening_began_a_week_ago_and_never_changes() -> None:
    hours = Hours("24/7")
    at = local("2025-03-12 09:30")
    assert hours.is_open(at)
    assert hours.opened_at(at) == local("2025-03-05")
    assert hours.opened_at(at + timedelta(days=1)) == local("2025-03-06")
    assert hours.next_change(at) is None


def test_next_change_skips_the_holiday() -> None:
    hours = Hours(OFFICE)
    assert hours.next_change(local("2025-01-27 12:00")) == local("2025-01-27 18:00")
    assert hours.next_change(local("2025-01-27 18:00")) == local("2025-02-05 09:00")


def test_a_season_that_is_far_away_is_found() -> None:
    hours = Hours("Nov-Mar 08:00-20:00")
    assert not hours.is_open(local("2025-04-01 09:00"))
    assert hours.next_change(local("2025-04-01 09:00")) == local("2025-11-01 08:00")


def test_an_edge_is_open_at_its_start_and_closed_at_its_end() -> None:
    hours = Hours("09:00-18:00")
    assert hours.is_open(local("2025-01-06 09:00"))
    assert not hours.is_open(local("2025-01-06 18:00"))


def test_other_zones_keep_their_clock_and_their_own_holidays() -> None:
    berlin = Hours("Mo-Fr 09:00-18:00; PH off", "Europe/Berlin")
    assert berlin.is_open(local("2025-02-03 10:00", berlin.zone))
    assert not berlin.is_open(local("2025-01-26 10:00", berlin.zone))
    assert opened(
        Hours("22:00-04:00", "Europe/Berlin"), "2025-03-29 12:00", "2025-03-30 12:00"
    ) == [("03-29 22:00", "03-30 04:00")]
    assert Hours("09:00-10:00", "Asia/Urumqi").is_open(datetime(2025, 1, 6, 3, 30, tzinfo=UTC))


def test_a_year_without_a_calendar_follows_the_plain_rules() -> None:
    assert holidays_known(2025)
    assert not holidays_known(2099)
    assert Hours(OFFICE).is_open(local("2099-10-01 10:00"))
    assert not Hours(OFFICE).is_open(local("2099-10-03 10:00"))


@pytest.mark.parametrize(
    ("text", "position"),
    [("Mo-Fr 9-18", 7), ("24/24", 1), ("周一至周五 09:00-18:00", 1), ("", None), ("  ", None)],
)
def test_bad_syntax_names_the_text_and_the_place(text: str, position: int | None) -> None:
    with pytest.raises(BadHours) as caught:
        Hours(text)
    assert caught.value.text == text
    assert caught.value.position == position
    assert "\n" not in str(caught.value)


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadHours, match="Asia/Kunshan"):
        Hours("24/7", "Asia/Kunshan")
    with pytest.raises(BadHours):
        Hours("24/7", "../../etc/passwd")


def test_words_in_a_comment_are_not_rules() -> None:
    hours = Hours('Mo-Fr 09:00-18:00 "PH and Su 10:00-02:00"')
    assert opened(hours, "2025-01-10", "2025-01-12") == [("01-10 09:00", "01-10 18:00")]


TEXTS = [
    OFFICE,
    "24/7",
    "12:00-06:00; PH off",
    "Mo-Th 08:00-20:00; Fr 08:00-02:00; Sa,Su,PH 10:00-16:00",
    "Nov-Mar 07:00-22:00; Apr-Oct 08:00-20:00; PH off",
    "week 1-20 Mo-Fr 09:00-12:00,13:00-17:00",
    "Su[1] off; 06:00-24:00",
    "sunrise-sunset; PH off",
    "Mo-Fr 18:00+; 2025 Jan 28-Feb 3 off",
]


@given(
    st.sampled_from(TEXTS),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]),
    st.datetimes(datetime(2003, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_the_four_questions_agree(text: str, zone: str, naive: datetime) -> None:
    hours, at = Hours(text, zone), naive.replace(tzinfo=UTC)
    spans = list(hours.intervals(at - timedelta(days=3), at + timedelta(days=40)))
    assert all(a < b for a, b in spans)
    assert all(b < c for (_, b), (c, _) in pairwise(spans))
    now = [a for a, b in spans if a <= at < b]
    edges = [edge for span in spans for edge in span if at < edge < at + timedelta(days=40)]
    assert hours.is_open(at) is bool(now)
    opened_at = hours.opened_at(at)
    assert (opened_at is not None) is bool(now)
    if opened_at and opened_at > at - timedelta(days=3):
        assert [opened_at] == now
    change = hours.next_change(at)
    if edges:
        assert change == edges[0]
    if change is not None:
        assert hours.is_open(change) is not bool(now)
        assert hours.is_open(change - timedelta(seconds=1)) is bool(now)


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_plain_spans_agree_with_the_rules_read_by_hand(day: date) -> None:
    hours = Hours("Mo-Su 20:00-03:00")
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    assert list(hours.intervals(noon, noon + timedelta(days=1))) == [
        (noon + timedelta(hours=8), noon + timedelta(hours=15))
    ]


def some_rules(rng: random.Random) -> list[tuple[str, set[int], bool, list[tuple[int, int]]]]:
    """Rules as text, the weekdays and whether holidays they are for, and minutes of the day."""
    found = []
    for _ in range(rng.randrange(1, 4)):
        first, length = rng.randrange(7), rng.randrange(6)
        days = {(first + n) % 7 for n in range(length + 1)}
        named = WEEK[first] + (f"-{WEEK[(first + length) % 7]}" if length else "")
        is_holiday = rng.random() < 0.35
        begin, spans = rng.randrange(48) * 15, list[tuple[int, int]]()
        while rng.random() < 0.7 and begin < 1_380:
            end = begin + rng.choice((60, 90, 300, 480, 720))
            spans.append((begin, end))
            begin = end + 15
        times = ",".join(f"{_clock(a)}-{_clock(b % 1440 if b > 1440 else b)}" for a, b in spans)
        text = f"{named}{',PH' if is_holiday else ''} {times or 'off'}"
        found.append((text, days, is_holiday, spans))
    return found


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@pytest.mark.parametrize("seed", range(6))
def test_any_rules_agree_with_reading_them_by_hand_quarter_by_quarter(seed: int) -> None:
    """The last rule for a day holds, what began runs to its end, a worked Sunday is a Wednesday."""
    rng = random.Random(seed)
    rules = some_rules(rng)
    hours = Hours("; ".join(text for text, *_ in rules))

    def spans_of(day: date) -> list[tuple[int, int]]:
        kind, last = kind_of(day), list[tuple[int, int]]()
        weekday = 2 if kind is Day.MAKEUP else day.weekday()
        for _, days, is_holiday, spans in rules:
            if weekday in days or (is_holiday and kind is Day.HOLIDAY):
                last = spans
        return last

    for first in (date(2025, 1, 20), date(2025, 9, 25), date(2026, 9, 18)):
        midnight = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
        found = list(hours.intervals(midnight, midnight + timedelta(days=20)))
        for quarter in range(20 * 96):
            at = midnight + timedelta(minutes=15 * quarter)
            minute = at.hour * 60 + at.minute
            yesterday = spans_of(at.date() - timedelta(days=1))
            wanted = any(a <= minute < b for a, b in spans_of(at.date()))
            wanted = wanted or any(a <= minute + 1440 < b for a, b in yesterday)
            assert any(a <= at < b for a, b in found) == wanted, (hours.text, at)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        Hours("24/7").is_open(datetime(2025, 1, 6, 11))  # noqa: DTZ001 - what is tested
