"""What supplies add up to, computed the long way: every line folded, for the proofs of the sums."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from warmstation_server.supplies.entry import Entry
from warmstation_server.supplies.shelf import Batch, Fold, by_shelf, in_time
from warmstation_server.usage.supplied import Consumed

Key = Callable[[str, Batch], str]


Named = tuple[str, str, Batch]
"""A batch at its station, of its item."""
Moments = Mapping[datetime, Sequence[Named]]


def moments(entries: Iterable[Entry], wanted: Collection[datetime]) -> Moments:
    """All batches as they were at each of these moments; the ledger is gone through once."""
    ordered = sorted(set(wanted))
    found: dict[datetime, list[Named]] = {at: [] for at in ordered}
    for (station, item), lines in by_shelf(entries).items():
        fold, rest = Fold(), iter(sorted(lines, key=in_time))
        line = next(rest, None)
        for at in ordered:
            while line is not None and line.at < at:
                fold.take(line)
                line = next(rest, None)
            found[at] += ((station, item, batch) for batch in fold.shelf().batches)
    return found


def by_item(known: Moments, start: datetime, end: datetime, zone: ZoneInfo) -> list[Consumed]:
    """Each item, by name; what nobody ever wrote down is not there. Both must be `moments`."""
    return _by(known, start, end, zone, lambda item, _: item)


def by_donor(known: Moments, start: datetime, end: datetime, zone: ZoneInfo) -> list[Consumed]:
    """Each donor, by name; the empty name is of those whom nobody named."""
    return _by(known, start, end, zone, lambda _, batch: batch.donor)


def _by(known: Moments, start: datetime, end: datetime, zone: ZoneInfo, key: Key) -> list[Consumed]:
    earlier = {(station, item, one.number): one for station, item, one in known[start]}
    groups: dict[str, list[Named]] = {}
    for named in known[end]:
        groups.setdefault(key(named[1], named[2]), []).append(named)
    last_day = end.astimezone(zone).date()
    return [_consumed(name, groups[name], earlier, last_day) for name in sorted(groups)]


def _consumed(
    name: str, after: Sequence[Named], earlier: Mapping[tuple[str, str, int], Batch], last_day: date
) -> Consumed:
    sums = dict.fromkeys(
        ("opening", "restocked", "found", "used", "discarded", "closing", "expired"), 0
    )
    stations = set()
    for station, item, batch in after:
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
