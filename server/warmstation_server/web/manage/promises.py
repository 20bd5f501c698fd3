"""What a station promised against what was measured, over a span of time. Pure.

The figures are the district's (`usage`), so that nobody argues over two of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from warmstation_server.history import Usage
from warmstation_server.places import Station
from warmstation_server.usage.day import Promise, day_count, hours_of
from warmstation_server.usage.sums import Sums
from warmstation_wire import StationStatus

MARGIN = timedelta(hours=4)
"""Hours before the span that are looked at: a silence may have begun there."""
HOUR_MS = 3_600_000
Span = tuple[datetime, datetime]


class Kept(NamedTuple):
    """How much of a promise was kept. `promised`: hours, a temperature, or how many.

    `share`: None where nothing was measured. `measured`: share of the promised time that was
    measured at all.
    """

    word: str
    promised: str
    share: float | None
    measured: float | None


class Measured(NamedTuple):
    """All promises of a station, and the sums behind them."""

    kept: tuple[Kept, ...]
    sums: Sums


def measured(
    station: Station,
    buckets: Sequence[Usage],
    posted: Sequence[Span],
    span: Span,
    zone: ZoneInfo,
) -> Measured:
    """`buckets` by the hour and `posted` spans reach MARGIN beyond the span."""
    found = {bucket.start: bucket for bucket in buckets}
    hours = hours_of(span, found, posted, span[1])
    sums = day_count(hours, promise_of(station), span, zone).sums
    return Measured(tuple(_kept(station, sums)), sums)


def promise_of(station: Station) -> Promise:
    """As far as figures need it."""
    chargers = sum(plan.count for plan in station.chargers)
    return Promise(station.capacity, chargers, len(station.supplies))


def broken(station: Station, status: StationStatus | None) -> Mapping[str, int | None]:
    """Chargers of each kind that are promised and not working now; None = nobody knows."""
    counts = {one.kind: one for one in status.chargers} if status else {}
    found: dict[str, int | None] = {}
    for plan in station.chargers:
        count = counts.get(plan.kind)
        working = None if count is None else count.num_available + count.num_in_use
        found[plan.kind] = None if working is None else max(0, plan.count - working)
    return found


def _kept(station: Station, sums: Sums) -> list[Kept]:
    known = sums.open_ms + sums.closed_ms
    kept = [
        Kept(
            "promise.hours",
            f"{sums.posted_ms / HOUR_MS:.0f}",
            _share(sums.open_ms, known),
            _share(known, sums.posted_ms),
        ),
        Kept(
            "promise.target",
            f"≥ {station.target_c:g} °C",
            _share(sums.target_ms, sums.temp_ms),
            _share(sums.temp_ms, sums.posted_ms),
        ),
        Kept(
            "promise.warm",
            "≥ 18 °C",
            _share(sums.warm_ms, sums.temp_ms),
            _share(sums.temp_ms, sums.posted_ms),
        ),
    ]
    if station.chargers:
        kept.append(
            Kept(
                "promise.chargers",
                str(sum(plan.count for plan in station.chargers)),
                _share(sums.serviceable_ms, sums.charger_ms),
                _share(sums.charger_ms, sums.charger_posted_ms),
            )
        )
    if station.supplies:
        kept.append(
            Kept(
                "promise.supplies",
                str(len(station.supplies)),
                _share(sums.shelf_ms - sums.empty_ms, sums.shelf_ms),
                _share(sums.shelf_ms, sums.shelf_posted_ms),
            )
        )
    return kept


def _share(part: int, whole: int) -> float | None:
    return min(1.0, part / whole) if whole > 0 else None
