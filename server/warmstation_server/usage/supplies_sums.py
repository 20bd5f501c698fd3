"""What the ledger of supplies adds up to, in a file of its own, so that no view folds the ledger.

All of it follows from the ledger and is made again where it is gone. Whoever asks gets what the
ledger holds now: lines that came meanwhile are taken in first. Any thread, and any process, may.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from warmstation_server.usage.period import DAY, Period
from warmstation_server.usage.supplied import Consumed, Kind, Pieces, consumed
from warmstation_server.usage.supplies_file import opened
from warmstation_server.usage.supplies_tables import SuppliesTables
from warmstation_server.usage.supplies_taking import Ledger, take_in


@dataclass(frozen=True, slots=True)
class Supplied:
    """物资消耗 of a period: each item and each donor by name."""

    items: Sequence[Consumed] = ()
    donors: Sequence[Consumed] = ()


class SuppliesSums:
    """The file, kept up to date with the ledger by whoever asks."""

    def __init__(self, path: Path | None, zone: ZoneInfo, ledger: Ledger) -> None:
        self._tables = SuppliesTables(opened(path, zone.key))
        self._zone, self._ledger = zone, ledger
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._tables.close()

    def turn(self) -> None:
        """Take in what is new, and make everything again where lines are missing."""
        with self._lock:
            take_in(self._tables, self._ledger, self._zone, look_closely=True)

    def during(
        self, stations: Collection[str], periods: Iterable[Period]
    ) -> Mapping[Period, Supplied]:
        """What these stations used in each of these periods. RegistryAway where it is away."""
        with self._lock:
            take_in(self._tables, self._ledger, self._zone)
            with self._tables.reading():
                places = self._tables.places(stations)
                return {one: self._supplied(places, one) for one in set(periods)}

    def _supplied(self, places: str | None, period: Period) -> Supplied:
        first, end = period.first.toordinal(), (period.last + DAY).toordinal()
        opening, ending = self._tables.before(first, places), self._tables.before(end, places)
        early = self._tables.early(first, end, places)
        found: dict[Kind, list[Consumed]] = {"item": [], "donor": []}
        for thing, now in sorted(ending.items()):
            if now.stations:
                was, gone = opening.get(thing, Pieces()), early.get(thing, 0)
                found[thing[0]].append(consumed(thing[1], was, now, gone))
        return Supplied(found["item"], found["donor"])
