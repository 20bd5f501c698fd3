"""Moments that people write into forms, in the zone of the station. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LASTS = ("1h", "3h", "8h", "1d", "7d")
"""For how long something by hand may hold, on the buttons."""
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST = timedelta(days=90)
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def lasting(text: str) -> timedelta | None:
    """`3h` or `1d` of LASTS."""
    return int(text[:-1]) * _UNITS[text[-1]] if text in LASTS else None


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A `datetime-local` field; None where it is empty or no moment."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is not None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return None
    return found.replace(tzinfo=zone).astimezone(UTC)


def day(text: str) -> date | None:
    """A `date` field; None where it is empty or no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def in_field(at: datetime, zone: ZoneInfo) -> str:
    """As a `datetime-local` field takes it."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"
