"""The ledger of supplies beside the level sensors: what both say becomes conditions.

The pipeline's thread owns it, as a source of conditions around the watch; `wake` and `ask` may be
called from any thread. Entries reach it through the registry alone, so that a restart, or another
server on the same registry, tells it the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Event
from typing import Protocol
from zoneinfo import ZoneInfo

from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.place import Place
from warmstation_server.conditions.sensed import Sensed
from warmstation_server.conditions.standing import Standing
from warmstation_server.history import Received
from warmstation_server.places import Station
from warmstation_server.supplies.entry import Entry
from warmstation_server.supplies.judging import say_expiry, say_left
from warmstation_server.supplies.shelf import Shelf, shelf

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
"""The ledger is read this often even if nobody says that there is something new, and every shelf is
looked at: each turn at its share of them, for danger waits until a turn is over."""
USABLE = timedelta(minutes=5)
"""What sensors said is told for so long while it is asked again: nobody waits for a turn."""
LOOKED_AT = timedelta(hours=1)
"""Stations that somebody asked for so lately are looked at every minute, asked or not."""
_OVERLAP = 100
"""Lines that were seen are read again: of two writers, the lower number may be there later."""
_EXPECTING = timedelta(hours=48)
"""Restocks entered so lately are told to the watch again after a restart."""


class Watching(Protocol):
    """The watch over the stations' sensors; `KeptWatch` is one."""

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        """See alerting.ConditionSource."""
        ...

    def conditions(self, touched: Iterable[str], now: datetime) -> Iterator[Condition]:
        """See alerting.ConditionSource."""
        ...

    def news(self, stations: Iterable[str]) -> Iterator[Condition]:
        """See alerting.ConditionSource."""
        ...

    def registry_changed(self) -> None:
        """See alerting.ConditionSource."""
        ...

    def keep(self, now: datetime, breath: Callable[[], None]) -> None:
        """See alerting.ConditionSource."""
        ...

    def close(self, now: datetime) -> None:
        """See alerting.ConditionSource."""
        ...

    def restocked(self, station: str, item: str, at: datetime) -> None:
        """Somebody entered a restock."""
        ...

    def remember(self, now: datetime, breath: Callable[[], None]) -> None:
        """See alerting.ConditionSource."""
        ...

    def is_asleep(self, station: str) -> bool:
        """Whether what is known of it was not read yet: nobody should judge by it."""
        ...

    def sensed(self, station: str, now: datetime) -> Mapping[str, Sensed]:
        """What the level sensors say, by item."""
        ...


class Ledger(Protocol):
    """Where entries are kept. ConnectionError where it cannot be read now."""

    def after(self, number: int) -> Sequence[Entry]:
        """All lines behind this one."""
        ...

    def pars(self) -> Mapping[tuple[str, str], int]:
        """Pieces on a full shelf."""
        ...


class Registered(Protocol):
    """What is promised of each station."""

    @property
    def stations(self) -> Mapping[str, Station]:
        """By id."""
        ...


class Stocking:
    """A source of conditions: those of the watch, and those of the ledger."""

    def __init__(self, watch: Watching, ledger: Ledger, registered: Registered) -> None:
        self._watch = watch
        self._ledger = ledger
        self._registered = registered
        self._entries: dict[tuple[str, str], list[Entry]] = {}
        self._shelves: dict[str, dict[str, Shelf]] = {}
        self._pars: Mapping[tuple[str, str], int] = {}
        self._standing: dict[str, Standing] = {}
        self._last = 0
        self._read_at: datetime | None = None
        self._turned_at: datetime | None = None
        self._round: list[str] = []
        """Stations whose shelves are still to be looked at, the next one last."""
        self._owed = 0.0
        self._is_away = False
        self._woken = Event()
        self._answers: dict[str, tuple[datetime, Mapping[str, Sensed]]] = {}
        self._looked: dict[str, datetime] = {}
        self._asked: SimpleQueue[tuple[str, Future[Mapping[str, Sensed]]]] = SimpleQueue()

    def wake(self) -> None:
        """Something was written into the ledger: read it with the next turn."""
        self._answers = {}
        self._woken.set()

    def ask(self, station: str, now: datetime) -> Future[Mapping[str, Sensed]]:
        """What the station's level sensors say: what they said of late, else with the next turn.

        What is older than EVERY is asked again for whoever comes next.
        """
        self._looked[station] = now
        future: Future[Mapping[str, Sensed]] = Future()
        at, known = self._answers.get(station, (None, {}))
        if at is None or now - at > USABLE:
            self._asked.put((station, future))
            return future
        future.set_result(known)
        if now - at > EVERY:
            self._asked.put((station, Future()))
        return future

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        """Take reports in; the stations whose news should not wait for the tick."""
        return self._watch.after_reports(batch)

    def conditions(self, touched: Iterable[str], now: datetime) -> Iterator[Condition]:
        """What is new by the sensors, then by the ledger."""
        news = self._news(now)
        yield from self._watch.conditions(touched, now)
        for station in dict.fromkeys((*news, *self._next_shelves(now))):
            yield from self._judged(station, now)
        if self._is_due(now):
            self._look_again(now)
        self._answer(now)

    def news(self, stations: Iterable[str]) -> Iterator[Condition]:
        """What the sensors of these say; no ledger tells of danger."""
        return self._watch.news(stations)

    def registry_changed(self) -> None:
        """Read the promises again."""
        self._watch.registry_changed()

    def keep(self, now: datetime, breath: Callable[[], None]) -> None:
        """All that was told is committed."""
        self._watch.keep(now, breath)

    def remember(self, now: datetime, breath: Callable[[], None]) -> None:
        """Read some of what was learned before the start, where that was too much for it."""
        self._watch.remember(now, breath)

    def close(self, now: datetime) -> None:
        """The end: as `keep`, and no report comes any more."""
        self._watch.close(now)

    def _is_due(self, now: datetime) -> bool:
        return self._read_at == now

    def _next_shelves(self, now: datetime) -> Iterator[str]:
        """Those whose turn it is: as many of all as is the time since the last turn of a minute."""
        passed = EVERY if self._turned_at is None else min(EVERY, abs(now - self._turned_at))
        self._turned_at = now
        self._owed = min(len(self._shelves), self._owed + len(self._shelves) * (passed / EVERY))
        while self._owed >= 1:
            self._owed -= 1
            if not self._round:
                self._round = list(self._shelves)
            yield self._round.pop()

    def _news(self, now: datetime) -> set[str]:
        """Read what is new in the ledger; the stations that it is about."""
        is_time = self._read_at is None or abs(now - self._read_at) >= EVERY
        if not is_time and not self._woken.is_set():
            return set()
        if self._woken.is_set():
            self._woken.clear()
            self._answers = {}
        try:
            entries = self._ledger.after(max(0, self._last - _OVERLAP))
            self._pars = self._ledger.pars()
        except ConnectionError as error:
            if not self._is_away:
                log.warning("the ledger of supplies is away, it is read later: %s", error)
            self._is_away = True
            return set()
        self._is_away = False
        if is_time:
            self._read_at = now
        changed = {(one.station, one.item) for one in entries if self._is_taken(one, now)}
        for station, item in changed:
            self._shelves.setdefault(station, {})[item] = shelf(self._entries[station, item])
        return {station for station, _ in changed}

    def _is_taken(self, entry: Entry, now: datetime) -> bool:
        """Put it to its shelf's entries; not where it is among them already."""
        known = self._entries.setdefault((entry.station, entry.item), [])
        if any(one.number == entry.number for one in known[-_OVERLAP:]):
            return False
        self._last = max(self._last, entry.number)
        known.append(entry)
        if entry.kind == "restock" and entry.at > now - _EXPECTING:
            self._watch.restocked(entry.station, entry.item, entry.at)
        return True

    def _judged(self, station: str, now: datetime) -> list[Condition]:
        place = self._registered.stations.get(station)
        if place is None or self._watch.is_asleep(station):
            return []  # it is judged within a minute of waking
        standing = self._standing.setdefault(station, Standing(station))
        sensed = self._watch.sensed(station, now)
        self._answers[station] = now, sensed
        where = Place(place)
        today = now.astimezone(ZoneInfo(place.zone)).date()
        for item, known in self._shelves[station].items():
            say_expiry(standing, item, known, today, now)
            if item not in sensed:
                say_left(standing, item, known, self._pars.get((station, item)), where, now)
        return standing.take()

    def _look_again(self, now: datetime) -> None:
        """Before somebody asks again."""
        looked = list(self._looked.items())  # whoever asks adds to it meanwhile
        for station, at in looked:
            if now - at > LOOKED_AT:
                self._looked.pop(station, None)
            else:
                self._answers[station] = now, self._watch.sensed(station, now)

    def _answer(self, now: datetime) -> None:
        while True:
            try:
                station, future = self._asked.get_nowait()
            except Empty:
                return
            at, known = self._answers.get(station, (None, {}))
            if at != now:
                known = self._watch.sensed(station, now)
                self._answers[station] = now, known
            future.set_result(known)
