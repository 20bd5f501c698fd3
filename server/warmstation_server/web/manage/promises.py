"""What a station promised against what was measured, over a span of time. Pure.

The figures are the district's (`usage`), so that nobody argues over two of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from warmstation_server.history import Usage
from warmstation_server.places import Station
from warmstation_server.usage.day import Span, day_count, hours_of, promise_of
from warmstation_server.usage.metric import BY_KEY, figure
from warmstation_server.usage.sums import Sums
from warmstation_wire import StationStatus

HOUR_MS = 3_600_000


class Kept(NamedTuple):
    """How much of a promise was kept. `promised`: hours, a temperature, or how many.

    `share`: None where nothing was measured, and what nobody knows is not kept. `measured`: share
    of the promised time that was measured at all.
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
    """`buckets` by the hour and `posted` spans begin MARGIN before the span and end with it."""
    found = {bucket.start: bucket for bucket in buckets}
    hours = hours_of(span, found, posted, span[1])
    sums = day_count(hours, promise_of(station), span[1] - span[0], zone).sums
    return Measured(tuple(_kept(station, sums)), sums)


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
    hours = f"{sums.posted_ms / HOUR_MS:.0f}"
    kept = [
        _of("promise.hours", hours, "hours_kept", sums),
        _of("promise.target", f"≥ {station.target_c:g} °C", "heating_target", sums),
        _of("promise.warm", "≥ 18 °C", "heating_18", sums),
    ]
    if station.chargers:
        chargers = str(sum(plan.count for plan in station.chargers))
        kept.append(_of("promise.chargers", chargers, "facilities", sums))
    if station.supplies:
        kept.append(_of("promise.supplies", str(len(station.supplies)), "stocked", sums))
    return kept


def _of(word: str, promised: str, metric: str, sums: Sums) -> Kept:
    found = figure(BY_KEY[metric], sums)
    return Kept(word, promised, found.value, found.coverage)
