"""Posted hours of a simulated station: the part of OSM opening_hours that the fleets use.

The server reads the same text with a full evaluator of its own; here it only decides when the
made-up staff unlocks the door. Rules are separated by `;`, and the last one that fits a day wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from warmstation_edge.simulator.errors import BadFleet
from warmstation_edge.simulator.holidays import HOLIDAYS, MAKE_UP_WORKDAYS
from warmstation_edge.simulator.weather import CHINA_OFFSET_S

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_RULE = re.compile(r"(?:([A-Z][A-Za-z,-]*)\s+)?(off|24/7|[0-9:,-]+)", re.ASCII)
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_DAY_S = 86_400
_WEDNESDAY = 2
"""What a make-up workday is worked like."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """From opening to closing, in POSIX seconds."""

    start_s: float
    end_s: float

    def holds(self, at_s: float) -> bool:
        """Whether the station is open at this moment."""
        return self.start_s <= at_s < self.end_s


@dataclass(frozen=True, slots=True)
class _Rule:
    days: frozenset[int]
    on_holidays: bool
    spans_s: tuple[tuple[int, int], ...]


class PostedHours:
    """When a station is said to be open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._rules = [_rule(part.strip(), text) for part in text.split(";")]
        self._day = -1
        self._spans: list[Span] = []
        self._known: tuple[float, float, Span] = (0.0, 0.0, Span(0.0, 0.0))

    def span(self, at_s: float) -> Span:
        """The opening that holds this moment, or the next one after it.

        A station that never closes is open to the end of the third day from then, always.
        """
        since_s, until_s, span = self._known
        if since_s <= at_s < until_s:
            return span
        day = int(at_s + CHINA_OFFSET_S) // _DAY_S
        midnight_s = (day + 1) * _DAY_S - CHINA_OFFSET_S
        if day != self._day:
            self._day, self._spans = day, self._around(day)
        for span in self._spans:
            if at_s < span.end_s:
                self._known = (at_s, min(span.end_s, midnight_s), span)
                return span
        return Span(at_s + _DAY_S, at_s + _DAY_S)

    def open_s(self, day: date) -> tuple[tuple[int, int], ...]:
        """Opening and closing of one day in seconds after its midnight; closing may be > 86,400."""
        is_holiday = day in HOLIDAYS
        weekday = _WEDNESDAY if day in MAKE_UP_WORKDAYS else day.weekday()
        for rule in reversed(self._rules):
            if is_holiday and rule.on_holidays:
                return rule.spans_s
            if weekday in rule.days:
                return rule.spans_s
        return ()

    def _around(self, day: int) -> list[Span]:
        merged: list[Span] = []
        for number in range(day - 1, day + 10):
            midnight_s = number * _DAY_S - CHINA_OFFSET_S
            for start, end in self.open_s(_EPOCH + timedelta(days=number)):
                span = Span(midnight_s + start, midnight_s + end)
                if merged and span.start_s <= merged[-1].end_s:
                    span = Span(merged.pop().start_s, span.end_s)
                merged.append(span)
        return merged


def _rule(part: str, text: str) -> _Rule:
    found = _RULE.fullmatch(part)
    if found is None:
        raise BadFleet(f"hours {text!r}: {part!r} is not of the form `Mo-Fr,PH 07:00-22:00`")
    days, holidays = _days(found[1], text)
    if found[2] == "off":
        return _Rule(days, holidays, ())
    if found[2] == "24/7":
        return _Rule(days, holidays, ((0, _DAY_S),))
    return _Rule(days, holidays, tuple(_span(span, text) for span in found[2].split(",")))


def _days(selector: str | None, text: str) -> tuple[frozenset[int], bool]:
    if selector is None:
        return frozenset(range(7)), False
    days: set[int] = set()
    parts = selector.split(",")
    for part in parts:
        first, _, last = part.partition("-")
        if part == "PH":
            continue
        if first not in _DAYS or (last or first) not in _DAYS:
            raise BadFleet(f"hours {text!r}: {part!r} is no day; Mo, Tu, We, Th, Fr, Sa, Su or PH")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        days.update(range(start, end + 1))
    return frozenset(days), "PH" in parts


def _span(span: str, text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(span)
    if found is None:
        raise BadFleet(f"hours {text!r}: {span!r} is not of the form 07:00-22:00")
    start = int(found[1]) * 3600 + int(found[2]) * 60
    end = int(found[3]) * 3600 + int(found[4]) * 60
    return start, end if end > start else end + _DAY_S
