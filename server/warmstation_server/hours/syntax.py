"""Rewrites opening_hours so that the library's evaluation is right for one kind of Chinese day.

`opening_hours` knows no make-up workdays, has wrong holidays for China, and lets the night of a
closed day run on into the next. So every date is judged by a text made for it:

- `PH` becomes every weekday on a statutory holiday, and stays unmatched on any other day;
- a make-up workday (a Saturday or Sunday) keeps the rules of an ordinary working day, for which
  Wednesday stands: least often an exception of its own;
- a span over midnight is cut in two: the evening belongs to its date, and the morning after is
  evaluated as that same date, then moved to the next. A shift that began runs to its end.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

from warmstation_server.hours.calendar import Day, kind_of
from warmstation_wire import WarmstationError

SENTINEL = "23:59-24:00"
"""Stands for "nothing of this rule reaches the next day": the last minute is never looked at."""

_WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_STAND_IN = 2
_DAY = "|".join(_WEEKDAYS)
_QUOTED = re.compile(r'("[^"]*")')
_BEGIN = r"(?<![A-Za-z])"
_END = r"(?=[^A-Za-z]|$|off|open|closed|unknown)"
"""Words need no space after them in the library's grammar: `PHoff`, `Fr09:00`."""
_WEEKDAY = re.compile(
    rf"{_BEGIN}({_DAY}){_END}(?:\s*-\s*({_DAY}){_END})?(\[[^\]]*\])?", re.IGNORECASE
)
_HOLIDAY = re.compile(
    rf"{_BEGIN}PH{_END}(?:\s*([+-]\s*\d+)\s*days?{_END})?(\s+(?=(?:{_DAY}){_END}))?",
    re.IGNORECASE,
)
_CLOCK = r"\d{1,2}:\d\d"
_EVENT = r"(?:\((?:sunrise|sunset|dawn|dusk)[^)]*\)|sunrise|sunset|dawn|dusk)"
_SPAN = re.compile(rf"({_CLOCK}|{_EVENT})(?:\s*-\s*({_CLOCK}|{_EVENT})\+?|\+)|24/7", re.IGNORECASE)
_MODIFIER = re.compile(r"\s*\b(open|off|closed|unknown)\s*$", re.IGNORECASE)
_DAY_MINUTES = 24 * 60
_SAMPLES = (date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 26), date(2025, 2, 8))
"""A holiday, the day after it, a Sunday and a Saturday that were worked."""


class BadHours(WarmstationError, ValueError):
    """A text that is not valid opening_hours; `position` counts characters from 1."""

    def __init__(self, text: str, why: str, position: int | None = None) -> None:
        shown = text if len(text) <= 80 else text[:77] + "..."
        where = f" at character {position}" if position else ""
        super().__init__(f"not valid opening_hours: {shown!r}: {why}{where}")
        self.text = text
        self.position = position


@lru_cache(maxsize=4096)
def checked(text: str) -> str:
    """The text, where the library can read it as it is and for every kind of day; else BadHours."""
    if not text.strip():
        raise BadHours(text, "it is empty")
    try:
        OpeningHours(text)
    except ParserError as error:
        position = _position(str(error))
        raise BadHours(text, _found(text, position), position) from None
    for day in _SAMPLES:
        for part in halves(for_day(text, day)):
            try:
                OpeningHours(part)
            except ParserError:
                raise BadHours(
                    text, f"its rules for {kind_of(day).value} days say nothing"
                ) from None
    return text


def for_day(text: str, day: date) -> str:
    """The text that holds on this date of the mainland's calendar."""
    is_makeup = kind_of(day) is Day.MAKEUP
    parts = _QUOTED.split(text)
    for place in range(0, len(parts), 2):
        if is_makeup:
            parts[place] = _as_working_day(parts[place], day.weekday())
        parts[place] = _HOLIDAY.sub(lambda found: _holiday(found, day), parts[place])
    return "".join(parts)


@lru_cache(maxsize=4096)
def halves(text: str) -> tuple[str, ...]:
    """The text until midnight and, where something runs past it, the text for the morning after."""
    parts = _QUOTED.split(text)
    if not any(_runs_on(found) for part in parts[::2] for found in _SPAN.finditer(part)):
        return (text,)
    evening = "".join(
        part if place % 2 else _SPAN.sub(_until_midnight, part) for place, part in enumerate(parts)
    )
    return evening, _morning_after(parts)


def _morning_after(parts: list[str]) -> str:
    rules = []
    for place, part in enumerate(parts):
        pieces = [part] if place % 2 else re.split(r"(;|\|\|)", part)
        rules += [piece if piece in (";", "||") or place % 2 else _late(piece) for piece in pieces]
    return "".join(rules)


def _late(rule: str) -> str:
    """One rule, with what it says about the next morning."""
    if _SPAN.search(rule):
        return _SPAN.sub(_after_midnight, rule)
    modifier = _MODIFIER.search(rule)
    if not rule.strip() or (modifier and modifier[1].lower() != "open"):
        return rule
    return f"{_MODIFIER.sub('', rule).rstrip()} {SENTINEL} "


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _runs_on(span: re.Match[str]) -> int:
    """How many minutes of the next day a span of clock times takes."""
    start, end = span[1], span[2]
    if not end or not (start[0].isdigit() and end[0].isdigit()):
        return 0
    over = _minutes(end) - (_DAY_MINUTES if _minutes(end) > _minutes(start) else 0)
    return max(0, over)


def _until_midnight(span: re.Match[str]) -> str:
    return f"{span[1]}-24:00" if _runs_on(span) else span[0]


def _after_midnight(span: re.Match[str]) -> str:
    over = _runs_on(span)
    return f"00:00-{over // 60:02}:{over % 60:02}" if over else SENTINEL


def _holiday(found: re.Match[str], day: date) -> str:
    offset = int(found[1].replace(" ", "")) if found[1] else 0
    if kind_of(day - timedelta(days=offset)) is not Day.HOLIDAY:
        return found[0]
    # `PH Mo-Fr` is a holiday that falls on a weekday: the weekday that follows says which.
    return "" if found[2] else "Mo-Su"


def _as_working_day(text: str, weekday: int) -> str:
    def rule(found: re.Match[str]) -> str:
        first = _WEEKDAYS.index(found[1].lower())
        last = _WEEKDAYS.index(found[2].lower()) if found[2] else first
        if found[3]:  # the n-th Saturday of a month is no Saturday when it is worked
            return f"We{found[3]}" if first == weekday else found[0]
        length = (last - first) % 7
        return "Mo-Su" if (_STAND_IN - first) % 7 <= length else "We"

    return _WEEKDAY.sub(rule, text)


def _position(message: str) -> int | None:
    found = re.search(r"-->\s*\d+:(\d+)", message)
    return int(found[1]) if found else None


def _found(text: str, position: int | None) -> str:
    rest = text[position - 1 :] if position else ""
    return f"{rest[:20]!r} is not understood" if rest else "it breaks off"
