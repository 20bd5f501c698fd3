"""Which days are asked for, and which they are compared with. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)
MOST_DAYS = 3 * 366
PRESETS = ("7d", "30d", "month", "last_month", "12m")
"""Ranges with a name; `12m` is the year until today."""
_MONTH = re.compile(r"2\d{3}-(0[1-9]|1[0-2])", re.ASCII)


class Month(NamedTuple):
    """A calendar month."""

    year: int
    month: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `first` to `last`, both of them included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def middle(self) -> date:
        """The day before which half of it is over."""
        return self.first + self.days // 2 * DAY

    @property
    def previous(self) -> Period:
        """环比: the same length just before; for whole months, as many months."""
        if self.first.day == 1 and self.last == month_of(self.last).last:
            months = (
                12 * (self.last.year - self.first.year) + self.last.month - self.first.month + 1
            )
            return Period(_months_away(self.first, -months), self.first - DAY)
        return Period(self.first - self.days * DAY, self.first - DAY)

    @property
    def last_year(self) -> Period:
        """同比: the same dates a year before; 29 February is compared with the 28th."""
        return Period(_year_before(self.first), _year_before(self.last))

    def parts(self) -> tuple[list[Month], list[date]]:
        """Whole months, and the single days around them."""
        months, days = [], []
        at = self.first
        while at <= self.last:
            month = month_of(at)
            if at == month.first and month.last <= self.last:
                months.append(month)
                at = month.last + DAY
            else:
                days.append(at)
                at += DAY
        return months, days

    def __iter__(self) -> Iterator[date]:
        return (self.first + n * DAY for n in range(self.days))


def named(name: str, today: date) -> Period | None:
    """One of PRESETS, or a month until today like `2026-10`; None for any other name."""
    this_month = month_of(today).first
    match name:
        case "7d":
            return Period(today - 6 * DAY, today)
        case "30d":
            return Period(today - 29 * DAY, today)
        case "month":
            return Period(this_month, today)
        case "last_month":
            return Period(_months_away(this_month, -1), this_month - DAY)
        case "12m":
            return Period(_year_before(today) + DAY, today)
        case _:
            return _month_named(name, today)


def _month_named(name: str, today: date) -> Period | None:
    if not _MONTH.fullmatch(name):
        return None
    month = Month(int(name[:4]), int(name[5:]))
    return Period(month.first, min(month.last, today)) if month.first <= today else None


def between(first: str, last: str, today: date) -> Period | None:
    """Two ISO dates; None where they are none, the wrong way round, or too far apart."""
    try:
        period = Period(date.fromisoformat(first[:10]), date.fromisoformat(last[:10]))
    except ValueError:
        return None
    is_sound = period.first <= period.last <= today + DAY and period.days <= MOST_DAYS
    return period if is_sound and period.first.year >= 2000 else None


def month_of(day: date) -> Month:
    """The month that a day lies in."""
    return Month(day.year, day.month)


def _months_away(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
