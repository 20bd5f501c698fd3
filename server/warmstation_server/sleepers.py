"""Stations whose memory is still in the watch's file: a start does not wait until all is read.

Nothing is judged of a sleeper. What it says meanwhile is in the history, and is judged when it is
woken: at once where it is dangerous, else in its turn, whoever was heard first. For `kept_watch`.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from warmstation_server.conditions.chargers import has_danger
from warmstation_server.conditions.errors import BadWatch
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import History, Received
from warmstation_server.history.errors import HistoryAway
from warmstation_server.places import Station
from warmstation_server.watch_file import WatchFile

log = logging.getLogger(__name__)

BACK = timedelta(hours=1)
"""Reports that came late are looked for this far before the last writing."""
UNDER_WAY = timedelta(minutes=1)
"""What came so shortly before a writing or a decision may have been stored after it. To tell the
desk twice is harmless: what it knows already changes nothing."""


@dataclass(slots=True)
class Sleeper:
    """`heard_at`: until when it was heard at least. `since`: the history has reports of it that
    came after this moment and were not judged; None: it has none."""

    heard_at: datetime
    since: datetime | None = None


class Sleepers:
    """Who sleeps, and how they are woken. The pipeline's thread owns it."""

    def __init__(self, file: WatchFile, watch: Watch) -> None:
        self._file = file
        self._watch = watch
        self._history: History | None = None
        self._told: datetime | None = None
        self._asleep: dict[str, Sleeper] = {}
        self._first: dict[str, None] = {}
        """Who has said something meanwhile."""
        self._woken: set[str] = set()
        self._restocked: dict[str, list[tuple[str, datetime]]] = {}

    def __bool__(self) -> bool:
        return bool(self._asleep)

    def __len__(self) -> int:
        return len(self._asleep)

    def __contains__(self, station: str) -> bool:
        return station in self._asleep

    @property
    def is_behind(self) -> bool:
        """Whether somebody has said what is not judged."""
        return any(one.since is not None for one in self._asleep.values())

    def lie_down(self, stations: Mapping[str, Sleeper]) -> None:
        """These are not to be judged before they are woken."""
        self._asleep |= stations
        self._watch.sleeps(stations)

    def believe(self, history: History, told: datetime | None) -> None:
        """What they say is kept there; what came until `told` is not told when it is judged."""
        self._history, self._told = history, told

    def is_missing(self, station: str, heard_at: datetime) -> bool:
        """The history has heard it then; whether it sleeps, and its memory may lack that."""
        sleeper = self._asleep.get(station)
        if sleeper is None:
            return False
        kept_at = sleeper.heard_at - UNDER_WAY
        if heard_at > kept_at:
            sleeper.since = kept_at
        return True

    def all_missing(self) -> None:
        """Nobody knows who was heard: the history is asked of each when it is woken."""
        for sleeper in self._asleep.values():
            sleeper.since = sleeper.heard_at - UNDER_WAY

    def registered(self, stations: Mapping[str, Station]) -> None:
        """Only these are."""
        self._asleep = {id_: one for id_, one in self._asleep.items() if id_ in stations}
        self._first = {id_: None for id_ in self._first if id_ in self._asleep}

    def restocked(self, station: str, item: str, at: datetime) -> bool:
        """Somebody entered a restock; whether it is of one that sleeps, who hears of it then."""
        if station not in self._asleep:
            return False
        self._restocked.setdefault(station, []).append((item, at))
        return True

    def next(self, count: int) -> list[str]:
        """Whose turn it is."""
        return list(islice(self._first, count)) or list(islice(self._asleep, count))

    def woken(self) -> set[str]:
        """Who was woken since the last call, and may have something to tell."""
        woken, self._woken = self._woken, set()
        return woken

    def taken(self, batch: Sequence[Received]) -> tuple[list[Received], set[str]]:
        """What is to be judged now, and who has said something dangerous that is judged already."""
        now, urgent = [], set()
        for one in batch:
            station = one.station
            sleeper = self._asleep.get(station)
            if sleeper is None:
                now.append(one)
            elif has_danger(one) or not self._leaves(one, sleeper):
                self.wake([station], one.received_at, must=True)
                if not self._watch.has_taken(one):
                    now.append(one)
                elif has_danger(one):
                    urgent.add(station)
        return now, urgent

    def wake(self, stations: Iterable[str], now: datetime, *, must: bool = False) -> None:
        """Read what is known of these, and judge what they have said since.

        HistoryAway or sqlite3.Error: the rest of them sleep on. With `must` none does, and what
        cannot be read is learned anew.
        """
        chosen = [station for station in stations if station in self._asleep]
        rows = self._rows(chosen, must=must)
        for station in chosen:
            try:
                missed = self._missed(station, now)
            except HistoryAway as error:
                if not must:
                    raise
                log.warning("what %s said before is not learned from: %s", station, error)
                missed = []
            self._wake(station, rows.get(station))
            self._judge([one for one in missed if not self._watch.has_taken(one)])

    def _rows(self, stations: Sequence[str], *, must: bool) -> Mapping[str, bytes]:
        try:
            return self._file.states(stations)
        except sqlite3.Error as error:
            if not must:
                raise
            log.warning("what was learned of %s cannot be read: %s", ", ".join(stations), error)
            return {}

    def _leaves(self, one: Received, sleeper: Sleeper) -> bool:
        """Whether it may wait for its turn: the history has it then, where it is looked for."""
        since = sleeper.since or one.received_at - UNDER_WAY
        if self._history is None or not since - BACK <= one.measured_at < one.received_at + BACK:
            return False
        sleeper.since = since
        self._first[one.station] = None
        return True

    def _missed(self, station: str, now: datetime) -> list[Received]:
        since = self._asleep[station].since
        if self._history is None or since is None:
            return []
        reports = self._history.reports(station, since - BACK, now + BACK)
        return sorted((one for one in reports if one.received_at > since), key=_arrival)

    def _wake(self, station: str, state: bytes | None) -> None:
        sleeper = self._asleep.pop(station)
        self._first.pop(station, None)
        self._woken.add(station)
        if state is not None:
            try:
                self._watch.resume(station, state)
            except BadWatch as error:
                log.warning("it is learned anew: %s", error)
        self._watch.wakes(station, sleeper.heard_at)
        for item, at in self._restocked.pop(station, ()):
            self._watch.restocked(station, item, at)

    def _judge(self, missed: Sequence[Received]) -> None:
        """What was decided upon before the stop is learned from again, and not told again."""
        told = self._told
        known = [one for one in missed if told is not None and one.received_at <= told]
        self._watch.after_reports(known)
        for _ in self._watch.news({one.station for one in known}):
            pass
        self._watch.after_reports(missed[len(known) :])


def _arrival(one: Received) -> datetime:
    return one.received_at
