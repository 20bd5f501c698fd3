"""Ranges and what they are compared with."""

from __future__ import annotations

from datetime import date

import pytest

from warmstation_server.usage.period import Month, Period, between, named

TODAY = date(2026, 11, 22)


def test_a_whole_month_is_compared_with_the_month_before() -> None:
    month = Period(date(2026, 3, 1), date(2026, 3, 31))
    assert month.previous == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert month.last_year == Period(date(2025, 3, 1), date(2025, 3, 31))


def test_a_quarter_is_compared_with_the_quarter_before() -> None:
    quarter = Period(date(2026, 1, 1), date(2026, 3, 31))
    assert quarter.previous == Period(date(2025, 10, 1), date(2025, 12, 31))


def test_other_days_are_compared_with_as_many_days_before() -> None:
    week = Period(date(2026, 11, 16), date(2026, 11, 22))
    assert week.previous == Period(date(2026, 11, 9), date(2026, 11, 15))


def test_the_29th_of_february_has_a_year_before() -> None:
    assert Period(date(2024, 2, 29), date(2024, 2, 29)).last_year.first == date(2023, 2, 28)


def test_the_parts_of_a_period_are_all_its_days_once() -> None:
    months, days = Period(date(2026, 1, 30), date(2026, 4, 2)).parts()
    assert months == [Month(2026, 2), Month(2026, 3)]
    assert [day.day for day in days] == [30, 31, 1, 2]


def test_twelve_months_end_today() -> None:
    assert named("12m", TODAY) == Period(date(2025, 11, 23), TODAY)
    assert named("nonsense", TODAY) is None


def test_a_month_has_its_number_and_ends_today_at_the_latest() -> None:
    assert named("2026-10", TODAY) == Period(date(2026, 10, 1), date(2026, 10, 31))
    assert named("2026-11", TODAY) == Period(date(2026, 11, 1), TODAY)
    assert [named(name, TODAY) for name in ("2026-12", "2026-13", "2026-1", "1999-01")] == [
        None
    ] * 4


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-11-02", "2026-11-01"), ("x", "2026-11-01"), ("1990-01-01", "1990-01-02"),
     ("2020-01-01", "2026-11-01"), ("2026-11-01", "2027-11-01")],
)  # fmt: skip
def test_ranges_that_make_no_sense_are_none(first: str, last: str) -> None:
    assert between(first, last, TODAY) is None
