"""What a station measured, as rows of a table that the page also draws. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from warmstation_server.history import Point


class Reach(NamedTuple):
    """How far back, in which steps; `key` is its name in the address and the catalogue."""

    key: str
    length: timedelta
    window: timedelta


REACHES = (
    Reach("24h", timedelta(hours=24), timedelta(minutes=15)),
    Reach("7d", timedelta(days=7), timedelta(hours=1)),
    Reach("30d", timedelta(days=30), timedelta(hours=6)),
)


class Row(NamedTuple):
    """One step; None where nothing was measured. `chargers`: in use, the mean."""

    at: datetime
    label: str
    room_c: float | None = None
    outlet_c: float | None = None
    outdoor_c: float | None = None
    heater_w: float | None = None
    people: float | None = None
    entered: int | None = None
    chargers: float | None = None


def reach_of(key: str) -> Reach:
    """The reach of that name, the shortest for any other."""
    return next((reach for reach in REACHES if reach.key == key), REACHES[0])


def bounds(reach: Reach, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From a whole local step to now."""
    local = now.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    begun = midnight + ((local - midnight) // reach.window) * reach.window
    return (begun + reach.window - reach.length).astimezone(UTC), now


def rows(points: Iterable[Point], reach: Reach, start: datetime, now: datetime) -> list[Row]:
    """Every step from `start` to now, measured or not: a gap must look like one."""
    found = {point.at: point for point in points}
    steps = int((now - start) / reach.window) + 1
    moments = [start + number * reach.window for number in range(steps)]
    return [_row(at, found.get(at)) for at in moments if at < now]


def labelled(found: Iterable[Row], said: Callable[[datetime], str]) -> list[Row]:
    """With the time of each in words."""
    return [row._replace(label=said(row.at)) for row in found]


def has_value(row: Row) -> bool:
    """Whether anything was measured then."""
    return any(value is not None for value in row[2:])


def _row(at: datetime, point: Point | None) -> Row:
    if point is None:
        return Row(at, "")
    return Row(
        at,
        "",
        point.room_c,
        point.outlet_c,
        point.outdoor_c,
        point.heater_w,
        point.people,
        point.entered,
        point.chargers_in_use,
    )
