"""物资消耗: opening + restock - closing, by item and by donor. Pure; from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from warmstation_server.supplies.entry import Entry
from warmstation_server.supplies.shelf import Batch, Shelf, shelves

Key = Callable[[str, Batch], str]


@dataclass(frozen=True, slots=True)
class Consumed:
    """Pieces of one item, or of one donor, in a period. `used` = what came or was there, and is
    neither there now nor was thrown away. `expired`: past their day, still there or thrown away."""

    name: str
    opening: int = 0
    restocked: int = 0
    found: int = 0
    """More than the book knew, when somebody counted."""
    used: int = 0
    discarded: int = 0
    closing: int = 0
    expired: int = 0
    stations: int = 0

    def per_100_visits(self, visits: int) -> float | None:
        """Pieces used for every 100 visits; None where nobody was counted."""
        return 100 * self.used / visits if visits else None


def by_item(
    entries: Collection[Entry], start: datetime, end: datetime, zone: ZoneInfo
) -> list[Consumed]:
    """Each item, by name; what nobody ever wrote down is not there."""
    return _by(entries, start, end, zone, lambda item, _: item)


def by_donor(
    entries: Collection[Entry], start: datetime, end: datetime, zone: ZoneInfo
) -> list[Consumed]:
    """Each donor, by name; the empty name is of those whom nobody named."""
    return _by(entries, start, end, zone, lambda _, batch: batch.donor)


def _by(
    entries: Collection[Entry], start: datetime, end: datetime, zone: ZoneInfo, key: Key
) -> list[Consumed]:
    before = _batches(entries, start, key)
    after = _batches(entries, end, key)
    last_day = end.astimezone(zone).date()
    names = sorted({name for name, *_ in after})
    earlier = {(station, item, batch.number): batch for _, station, item, batch in before}
    return [_consumed(name, after, earlier, last_day) for name in names]


Named = tuple[str, str, str, Batch]


def _batches(entries: Iterable[Entry], until: datetime, key: Key) -> list[Named]:
    known: dict[tuple[str, str], Shelf] = shelves(one for one in entries if one.at < until)
    return [
        (key(item, batch), station, item, batch)
        for (station, item), shelf in known.items()
        for batch in shelf.batches
    ]


def _consumed(
    name: str, after: list[Named], earlier: dict[tuple[str, str, int], Batch], last_day: date
) -> Consumed:
    sums = dict.fromkeys(
        ("opening", "restocked", "found", "used", "discarded", "closing", "expired"), 0
    )
    stations = set()
    for _, station, item, batch in (one for one in after if one[0] == name):
        was = earlier.get((station, item, batch.number))
        stations.add(station)
        sums["opening"] += was.left if was else 0
        sums["restocked"] += 0 if was or batch.is_found else batch.given
        sums["found"] += batch.given if batch.is_found and not was else 0
        sums["used"] += batch.taken - (was.taken if was else 0)
        sums["discarded"] += batch.discarded - (was.discarded if was else 0)
        sums["closing"] += batch.left
        if batch.expires_on is not None and batch.expires_on < last_day:
            sums["expired"] += batch.left + batch.discarded - (was.discarded if was else 0)
    return Consumed(name, **sums, stations=len(stations))
