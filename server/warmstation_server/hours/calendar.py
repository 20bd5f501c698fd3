"""What kind of day a date is in mainland China, by the State Council's yearly notices."""

from __future__ import annotations

from datetime import date
from enum import Enum
from functools import lru_cache

from chinese_calendar import get_holiday_detail

MAINLAND_ZONES = frozenset(
    {"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin"}
    | {"Asia/Kashgar", "PRC"}
)
"""Time zones of the places that keep these holidays; elsewhere no holiday is known."""


class Day(Enum):
    """Ordinary, a statutory holiday, or a weekend day that is worked to make up for one."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"


def holidays_known(year: int) -> bool:
    """Whether the holidays of this year are in the data; the notice comes each November."""
    try:
        get_holiday_detail(date(year, 1, 1))
    except (NotImplementedError, ValueError):
        return False
    return True


@lru_cache(maxsize=4096)
def kind_of(day: date) -> Day:
    """The kind of this date; ORDINARY where the year is not known."""
    try:
        is_off, name = get_holiday_detail(day)
    except NotImplementedError:
        return Day.ORDINARY
    if name is None:
        return Day.ORDINARY
    return Day.HOLIDAY if is_off else Day.MAKEUP
