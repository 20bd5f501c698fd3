"""What the ledger of supplies adds up to, in a file of its own, so that no view folds the ledger.

All of it follows from the ledger and is made again where it is gone. Whoever asks gets what the
ledger holds now: lines that came meanwhile are taken in first. Any thread, and any process, may.
Making all of it again takes minutes; who does not wait for that is told that nothing is known yet.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from warmstation_server.usage.derived import forget, is_damage
from warmstation_server.usage.period import DAY, Period
from warmstation_server.usage.supplied import Consumed, Kind, Pieces, consumed
from warmstation_server.usage.supplies_file import beside, opened
from warmstation_server.usage.supplies_tables import SuppliesTables
from warmstation_server.usage.supplies_taking import Ledger, Pause, is_far_behind, on, take_in

log = logging.getLogger(__name__)

PATIENCE_S = 2.0
"""So long a view waits for somebody who takes lines in."""


@dataclass(frozen=True, slots=True)
class Supplied:
    """物资消耗 of a period: each item and each donor by name.

    `is_known`: else the ledger is being added up, and nothing can be said yet.
    """

    items: Sequence[Consumed] = ()
    donors: Sequence[Consumed] = ()
    is_known: bool = True


class SuppliesSums:
    """The file, kept up to date with the ledger by whoever asks."""

    def __init__(self, path: Path | None, zone: ZoneInfo, ledger: Ledger) -> None:
        self._path, self._zone, self._ledger = path, zone, ledger
        self._lock = self._view_lock = threading.Lock()
        if path is not None:
            self._view_lock = threading.Lock()
        self.is_damaged = False
        self._open()

    def close(self) -> None:
        """Let go of the file."""
        for lock, tables in ((self._view_lock, self._view), (self._lock, self._tables)):
            with lock:
                tables.close()

    def begin_anew(self) -> None:
        """Let go of all that is in the file."""
        if self._path is None:
            return
        with self._lock, self._view_lock:
            for one in (self._view, self._tables):
                one.close()
            forget(self._path)
            self._open()
            self.is_damaged = False

    def turn(self, pause: Pause = on) -> None:
        """Take in what is new, and make everything again where lines are missing.

        It is called between stations, and may take time; where it says stop, all is as it was.
        """
        with self._lock, self._noticing(), suppress(InterruptedError):
            take_in(self._tables, self._ledger, self._zone, look_closely=True, pause=pause)

    def during(
        self, stations: Collection[str], periods: Iterable[Period], *, waits: bool = True
    ) -> Mapping[Period, Supplied]:
        """What these stations used in each of these periods. RegistryAway where it is away.

        `waits`: until all is added up, however long that takes.
        """
        with self._noticing():
            if self._is_up_to_date(waits=waits):
                with self._view_lock, self._view.reading():
                    places = self._view.places(stations)
                    return {one: self._supplied(places, one) for one in set(periods)}
        return {one: Supplied(is_known=False) for one in set(periods)}

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """A disk that is full and a damaged file are no reason to answer nothing."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            self.is_damaged = self.is_damaged or is_damage(error)
            if not (self.is_damaged or isinstance(error, sqlite3.OperationalError)):
                raise
            log.warning("the sums of supplies are not up to date: %s", error)

    def _open(self) -> None:
        self._view = self._tables = SuppliesTables(opened(self._path, self._zone.key))
        if self._path is not None:
            self._view = SuppliesTables(beside(self._path))

    def _is_up_to_date(self, *, waits: bool) -> bool:
        if not waits:
            with self._view_lock:
                if is_far_behind(self._view, self._ledger):
                    return False
        if not self._lock.acquire(timeout=-1 if waits else PATIENCE_S):
            return False
        try:
            take_in(self._tables, self._ledger, self._zone)
        finally:
            self._lock.release()
        return True

    def _supplied(self, places: str | None, period: Period) -> Supplied:
        first, end = period.first.toordinal(), (period.last + DAY).toordinal()
        opening, ending = self._view.before(first, places), self._view.before(end, places)
        early = self._view.early(first, end, places)
        found: dict[Kind, list[Consumed]] = {"item": [], "donor": []}
        for thing, now in sorted(ending.items()):
            if now.stations:
                was, gone = opening.get(thing, Pieces()), early.get(thing, 0)
                found[thing[0]].append(consumed(thing[1], was, now, gone))
        return Supplied(found["item"], found["donor"])
