"""Counts of visits that another system made, from CSV: a number a row, summed by hour. Pure.

They become visits with the counting method `imported`, kept apart from every other method.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from warmstation_server.visits import VisitCount
from warmstation_wire import WarmstationError

HOUR = timedelta(hours=1)
MOST_AN_HOUR = 1_000_000_000
LONGEST = 100
"""Characters of a moment or a count."""


class BadCounts(WarmstationError, ValueError):
    """A file whose counts cannot be read; names the line and the column."""


def hourly(
    lines: Iterable[str], time: str, count: str, station: str, zone: ZoneInfo, note: str = ""
) -> list[VisitCount]:
    """Visits by UTC hour, rising. Times without an offset are of `zone`; BadCounts."""
    rows = csv.DictReader(lines)
    try:
        found = _found(rows, time, count, zone)
    except csv.Error as error:
        raise BadCounts(f"line {rows.line_num + 1}: {error}") from None
    return [
        VisitCount(station, "imported", visits, at, at + HOUR, "import", note[:200])
        for at, visits in sorted(found.items())
    ]


def _found(rows: csv.DictReader[str], time: str, count: str, zone: ZoneInfo) -> dict[datetime, int]:
    for column in (time, count):
        if column not in (rows.fieldnames or ()):
            known = ", ".join(rows.fieldnames or ()) or "none"
            raise BadCounts(f"there is no column {column}; there are: {known}")
    found: dict[datetime, int] = {}
    for number, row in enumerate(rows, start=2):
        for column in (time, count):
            if len(row[column] or "") > LONGEST:
                raise BadCounts(f"line {number}: {column}: longer than {LONGEST} characters")
        at = _moment(row[time], zone, number, time)
        hour = at.replace(minute=0, second=0, microsecond=0)
        found[hour] = found.get(hour, 0) + _whole(row[count], number, count)
        if found[hour] > MOST_AN_HOUR:
            raise BadCounts(f"line {number}: {count}: more than {MOST_AN_HOUR} visits in an hour")
    return found


def _moment(text: str | None, zone: ZoneInfo, line: int, column: str) -> datetime:
    try:
        at = datetime.fromisoformat((text or "").strip())
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter from the ends of the calendar
        said = f"line {line}: {column}: {text!r} is no time (like 2026-11-21 08:30)"
        raise BadCounts(said) from None


def _whole(text: str | None, line: int, column: str) -> int:
    try:
        number = float((text or "").strip())
    except ValueError:
        number = -1.0
    if number < 0 or not number.is_integer() or number > MOST_AN_HOUR:
        raise BadCounts(f"line {line}: {column}: {text!r} is no whole number of visits")
    return int(number)
