"""A station that is shut on one day of every week while its posted hours say open. Pure.

Then it is not the station that is wrong but the promise: what to post instead, and how often
in a row it was so. For the alert's page and for the words of its notices.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from warmstation_server.alerts.scene import WHILE_CLOSED
from warmstation_server.alerts.state import AlertState
from warmstation_server.hours import BadHours, Hours
from warmstation_server.places import Station, Text

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
NAMES = (
    *(Text("周一", "Mondays"), Text("周二", "Tuesdays"), Text("周三", "Wednesdays")),
    *(Text("周四", "Thursdays"), Text("周五", "Fridays")),
    *(Text("周六", "Saturdays"), Text("周日", "Sundays")),
)
OFTEN = 3
"""So often in a row: then the message says so, and what to do about it."""
WEEKS = 6
_LONGEST = 500
"""Characters of a station's hours."""
_WEEK, _DAY = timedelta(weeks=1), timedelta(days=1)
_LATE, _EARLY = timedelta(hours=2), timedelta(hours=1)
"""Evidence of a whole day: it begins so soon after the opening, and lasts to so near its end."""


def correction(station: Station, day: date) -> str | None:
    """Posted hours without the weekday of this day; None where adding to them does not say that."""
    hours = f"{station.hours}; {DAYS[day.weekday()]} off"
    return hours if len(hours) <= _LONGEST and _differs_on(station, hours, day) else None


def undone(station: Station) -> tuple[int, str] | None:
    """The weekday that a correction took out last, and the hours before it."""
    before, _, last = station.hours.rpartition("; ")
    weekday = next((n for n, day in enumerate(DAYS) if last == f"{day} off"), None)
    return None if weekday is None or not before else (weekday, before)


def shut_day(state: AlertState, station: Station) -> date | None:
    """The local day of which the alert says that it was shut from its posted opening on."""
    if state.name not in WHILE_CLOSED:
        return None
    hours = Hours(station.hours, station.zone)
    opened = hours.opened_at(state.since)
    if opened is None or state.since - opened > _LATE:
        return None
    closes = hours.next_change(opened)
    if state.resolved_at is not None and (closes is None or state.resolved_at < closes - _EARLY):
        return None  # it was opened after all
    return opened.astimezone(ZoneInfo(station.zone)).date()


def times_shut(state: AlertState, before: Iterable[AlertState], station: Station) -> int:
    """How many such weekdays in a row it was shut, this one included; days off do not count."""
    today = shut_day(state, station)
    if today is None:
        return 0
    shut = {shut_day(one, station) for one in before}
    found = 1
    for weeks in range(1, WEEKS + 1):
        day = today - weeks * _WEEK
        if day in shut:
            found += 1
        elif _is_posted(station.hours, station.zone, day):
            break
    return found


def hint(weekday: int, times: int) -> Text:
    """What a message says from the third time on."""
    day = NAMES[weekday]
    return Text(
        f"已连续 {times} 个{day.zh}未开放：如{day.zh}不再开放，请在告警页一键更正公布的时间。",
        f"Shut on {times} {day.en} in a row: if that stays so, correct the posted hours on the "
        "alert's page, in one step.",
    )


def _differs_on(station: Station, hours: str, day: date) -> bool:
    """Whether these hours are the station's own, but shut on that day, and so on its weekday."""
    try:
        Hours(hours, station.zone)
    except BadHours:
        return False
    fortnight = [day + number * _DAY for number in range(1, 14)]
    is_kept = all(
        _is_posted(hours, station.zone, one) == _is_posted(station.hours, station.zone, one)
        for one in fortnight
        if one.weekday() != day.weekday()
    )
    is_posted = _is_posted(station.hours, station.zone, day)
    return is_kept and is_posted and not _is_posted(hours, station.zone, day)


def _is_posted(hours: str, zone: str, day: date) -> bool:
    """Whether it opens on that day."""
    start = datetime.combine(day, time(), ZoneInfo(zone))
    spans = Hours(hours, zone).intervals(start - _DAY, start + _DAY)
    return any(opened >= start for opened, _ in spans)
