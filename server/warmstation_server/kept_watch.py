"""The watch over all stations, kept in a file: after a stop it goes on where it was.

What it learned is written station by station, in turn, and as far as there is time at the end;
reports since then come from the history again, and so does what it never learned (see `learning`).
The pipeline's thread owns it.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.errors import BadWatch
from warmstation_server.conditions.sensed import Sensed
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import History, Received
from warmstation_server.history.errors import HistoryAway
from warmstation_server.learning import Learning
from warmstation_server.roster import Roster
from warmstation_server.watch_file import WatchFile

log = logging.getLogger(__name__)

KEPT_EVERY = timedelta(minutes=10)
"""Each station: so a start after a kill reads five minutes again, on the average."""
_LONGEST = timedelta(minutes=20)
"""A round of a country takes so long: writing it costs a tenth of what judging it costs, then."""
_SLICE = 50
"""Stations written at once: what takes some ten milliseconds."""
_AT_THE_END_S = 1.0
"""Of a processor. What is not written then is read from the history by the next start."""
_BACK = timedelta(hours=1)
"""Reports that came late are looked for this far before the last writing."""
_UNDER_WAY = timedelta(minutes=1)
"""What came so shortly before a writing or a decision may have been stored after it. To tell the
desk twice is harmless: what it knows already changes nothing."""


class KeptWatch:
    """A Watch and its file. It starts anew where the file cannot be read: nothing depends on it."""

    def __init__(
        self,
        path: Path,
        roster: Roster,
        newest_agent: str | None = None,
        learning: Learning | None = None,
    ) -> None:
        self._file = WatchFile(path)
        self._learning = learning
        self._roster = roster
        self._watch = Watch(roster, newest_agent)
        self._kept: dict[str, datetime] = {}
        """Until when what is in the file was known, by station; for `catch_up`."""
        self._gone: list[str] = []
        self._turn: deque[str] = deque()
        """Who is still to be written in this round."""
        self._round_at: datetime | None = None
        self._at_once = _SLICE
        self._is_failing = False
        for station, kept_at, state in self._file.states():
            if station not in roster.stations:
                self._gone.append(station)
                continue
            try:
                self._watch.resume(station, state)
                self._kept[station] = kept_at
            except BadWatch as error:
                log.warning("it is learned anew: %s", error)

    def catch_up(self, history: History, decided: datetime | None, now: datetime) -> None:
        """Take in what came since each station was written.

        What is known of reports until `decided` was decided upon before the stop: it is learned
        from again, and not told again. Of whom nothing was written yet, what came lately may not
        have been decided upon; of the rest it is only looked up who has been heard before: their
        silence is no news from a new station.
        """
        lately = (decided or now) - _BACK
        since = {station: kept_at - _UNDER_WAY for station, kept_at in self._kept.items()}
        earliest = min(since.values(), default=lately - _UNDER_WAY)
        self._kept = {}
        recent: list[str] = []
        try:
            for one in history.latest():
                station = one.station
                self._watch.heard_before(station, one.received_at)
                begin = since.setdefault(station, lately - _UNDER_WAY)
                if one.received_at > begin and station in self._roster.stations:
                    recent.append(station)
        except HistoryAway as error:
            log.warning("who was heard before is not known: %s", error)
            return
        if self._was_orderly():
            return
        try:
            missed = [
                one
                for station in recent
                for one in history.reports(station, since[station] - _BACK, now + _BACK)
                if one.received_at > since[station] and not self._watch.has_taken(one)
            ]
        except HistoryAway as error:
            log.warning("what came since %s is not learned from: %s", earliest, error)
            return
        missed.sort(key=lambda one: one.received_at)
        told = None if decided is None else decided - _UNDER_WAY
        known = [one for one in missed if told is not None and one.received_at <= told]
        self._watch.after_reports(known)
        for _ in self._watch.conditions({one.station for one in known}, earliest):
            pass
        self._watch.after_reports(missed[len(known) :])

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        """Take reports in; the stations whose news should not wait for the tick."""
        return self._watch.after_reports(batch)

    def conditions(self, touched: Iterable[str], now: datetime) -> Iterator[Condition]:
        """What is new about these stations, and what silence has made due."""
        if self._learning is not None:
            self._learn(self._learning)
        return self._watch.conditions(touched, now)

    def news(self, stations: Iterable[str]) -> Iterator[Condition]:
        """What is new about these alone."""
        return self._watch.news(stations)

    def restocked(self, station: str, item: str, at: datetime) -> None:
        """Somebody entered a restock."""
        self._watch.restocked(station, item, at)

    def sensed(self, station: str, now: datetime) -> Mapping[str, Sensed]:
        """What the station's level sensors say, by item."""
        return self._watch.sensed(station, now)

    def registry_changed(self) -> None:
        """Read the promises again."""
        self._watch.registry_changed()

    def keep(self, now: datetime, breath: Callable[[], None] = lambda: None) -> None:
        """Write those whose turn it is, all that was told being committed.

        `breath` is called between some stations and some more.
        """
        if not self._turn:
            if self._round_at is not None and now - self._round_at < KEPT_EVERY:
                return
            self._begin_round(now)
        for _ in range(0, self._at_once, _SLICE):
            if not self.put(self._next(), now):
                return
            breath()

    def close(self, now: datetime) -> None:
        """The end, after the last report was decided upon: the next start has little to seek."""
        if self.write(now, _AT_THE_END_S):
            try:
                self._file.complete(now)
            except sqlite3.Error as error:
                self._failed(error)
        self._file.close()

    def write(self, now: datetime, within_s: float = 1e9) -> bool:
        """Write what was learned, all that was told being committed; whether all of it is written.

        Who was written longest ago comes first.
        """
        end_s = time.thread_time() + within_s
        waiting = dict.fromkeys((*self._turn, *self._watch.known))
        self._turn = deque(waiting)
        while self._turn:
            if time.thread_time() > end_s or not self.put(self._next(), now):
                return False
        return True

    def put(self, stations: Iterable[str], now: datetime) -> bool:
        """Write these; whether that was possible. Of whom there is news, nothing is written."""
        states = [(station, self._watch.state(station)) for station in stations]
        known = [(station, state) for station, state in states if state is not None]
        try:
            self._file.put(known, now)
        except sqlite3.Error as error:
            self._failed(error)
            return False
        self._is_failing = False
        return len(known) == len(states)

    def _begin_round(self, now: datetime) -> None:
        self._round_at = now
        self._turn = deque(self._watch.known)
        seconds = int(_LONGEST.total_seconds())
        self._at_once = max(_SLICE, len(self._turn) // seconds + 1)
        gone, self._gone = self._gone, []
        try:
            self._file.drop(gone)
        except sqlite3.Error as error:
            self._failed(error)

    def _next(self) -> list[str]:
        return [self._turn.popleft() for _ in range(min(_SLICE, len(self._turn)))]

    def _failed(self, error: sqlite3.Error) -> None:
        if not self._is_failing:
            log.warning("what was learned of the stations is not written: %s", error)
        self._is_failing = True

    def _was_orderly(self) -> bool:
        """Whether the file has all that was taken in before; from now on it has not."""
        try:
            was_orderly = self._file.is_complete
            self._file.begin()
        except sqlite3.Error as error:
            self._failed(error)
            return False
        return was_orderly

    def _learn(self, learning: Learning) -> None:
        """Wish for what the history may know, and take over what was learned of it."""
        for wish in self._watch.wishes():
            learning.want(wish)
        for lesson in learning.done():
            missing = self._watch.adopt(lesson)
            if missing is not None:
                learning.want(missing, lesson)
