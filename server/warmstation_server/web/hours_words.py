"""Posted hours in words: the common forms of OpenStreetMap's opening_hours, read aloud."""

from __future__ import annotations

import re

from warmstation_server.web.words import Words

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_RULE = re.compile(
    r"(?P<days>(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su|PH))*)?\s*"
    r"(?P<times>\d\d:\d\d-\d\d:\d\d(?:,\s*\d\d:\d\d-\d\d:\d\d)*|off|closed|24/7)?"
)


def hours_in_words(hours: str, words: Words) -> str:
    """The posted hours; a rule in a form not known here is shown as it was written."""
    rules = [rule.strip() for rule in hours.split(";") if rule.strip()]
    return words("hours.join").join(_rule(rule, words) for rule in rules)


def _rule(rule: str, words: Words) -> str:
    found = _RULE.fullmatch(rule)
    if found is None or found["times"] is None:
        return rule
    times = _times(found["times"], words)
    days = found["days"]
    if days is None or days == "Mo-Su":
        return words("hours.daily", times=times) if ":" in times else times
    return words("hours.rule", days=_days(days, words), times=times)


def _times(times: str, words: Words) -> str:
    if times == "24/7":
        return words("hours.always")
    if times in ("off", "closed"):
        return words("hours.off")
    return words("hours.and").join(_span(part.strip(), words) for part in times.split(","))


def _span(span: str, words: Words) -> str:
    first, _, last = span.partition("-")
    return f"{first}–{last}" if first < last else words("hours.overnight", first=first, last=last)


def _days(days: str, words: Words) -> str:
    def named(day: str) -> str:
        return words("hours.holiday") if day == "PH" else words(f"weekday.{_DAYS.index(day)}")

    spans = [[named(day) for day in span.split("-")] for span in days.split(",")]
    return words("hours.and").join(
        words("hours.span", first=span[0], last=span[-1]) if len(span) > 1 else span[0]
        for span in spans
    )
