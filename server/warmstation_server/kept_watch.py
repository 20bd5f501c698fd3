"""The watch over all stations, kept in a file: after a stop it goes on where it was.

What it learned is written station by station, in turn, and as far as there is time at the end;
reports since then come from the history again, and so does what it never learned (see `learning`).
It is read in the same way: a city's before the first report, of a country the rest beside the work
(see `sleepers`). The pipeline's thread owns it.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.sensed import Sensed
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import History, Received
from warmstation_server.history.errors import HistoryAway
from warmstation_server.learning import Learning
from warmstation_server.roster import Roster
from warmstation_server.sleepers import UNDER_WAY, Sleeper, Sleepers
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
_NEVER = datetime.fromtimestamp(0, UTC)
_LATELY = timedelta(hours=1)
"""So much of whom nothing was written yet may not have been decided upon before the stop."""
_AT_A_START_S = 2.0
"""Of a processor: before the first report is taken, the memory of some thousands is read."""
_BESIDE_S = 0.4
"""The same in each tick, until nobody sleeps any more."""
_WOKEN = 10
"""Stations read at once, and what they said since judged: what takes some ten milliseconds."""
_AGAIN = timedelta(seconds=30)
"""Until a file or a history that could not be read is asked again."""


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
        self._sleepers = Sleepers(self._file, self._watch)
        self._had_past: set[str] | None = None
        """Who had a report in the history before this start; None: that is not known."""
        self._wait_until: datetime | None = None
        self._gone: list[str] = []
        self._turn: deque[str] = deque()
        """Who is still to be written in this round."""
        self._round_at: datetime | None = None
        self._at_once = _SLICE
        self._is_failing = False
        kept = dict(self._file.stations())
        self._gone += [station for station in kept if station not in roster.stations]
        here = {id_: Sleeper(at) for id_, at in kept.items() if id_ in roster.stations}
        self._sleepers.lie_down(here)

    def catch_up(
        self,
        history: History,
        decided: datetime | None,
        now: datetime,
        within_s: float = _AT_A_START_S,
    ) -> None:
        """Take in what came since each station was written: as far as there is time, now.

        What is known of reports until `decided` was decided upon before the stop: it is learned
        from again, and not told again. Of whom nothing was written yet, what came lately may not
        have been decided upon; of the rest it is only looked up who has been heard before: their
        silence is no news from a new station.
        """
        lately = (decided or now) - _LATELY - UNDER_WAY
        is_orderly, decided = self._begun(decided)
        self._sleepers.believe(history, None if decided is None else decided - UNDER_WAY)
        new, had_past = {}, set()
        try:
            for one in history.latest():
                station, at = one.station, one.received_at
                had_past.add(station)
                self._watch.heard_before(station, at)
                if is_orderly or self._sleepers.is_missing(station, at):
                    continue
                if at > lately and station in self._roster.stations:
                    new[station] = Sleeper(at, lately)
            self._had_past = had_past
        except HistoryAway as error:
            log.warning("who was heard before is not known: %s", error)
            self._sleepers.all_missing()
        self._sleepers.lie_down(new)
        self.remember(now, within_s=within_s)
        if self._sleepers:
            self._say_asleep(decided or _NEVER)
            log.info("what was learned of %d stations is read beside the work", len(self._sleepers))

    def remember(
        self,
        now: datetime,
        breath: Callable[[], None] = lambda: None,
        within_s: float = _BESIDE_S,
    ) -> None:
        """Read what is still in the file alone, of ten stations at least, and what came since.

        `breath` is called between some stations and some more.
        """
        end_s = time.thread_time() + within_s
        if self._wait_until is not None and now < self._wait_until:
            return
        while self._sleepers:
            try:
                self._sleepers.wake(self._sleepers.next(_WOKEN), now)
            except (sqlite3.Error, HistoryAway) as error:
                log.warning("what was learned of the stations is read later: %s", error)
                self._wait_until = now + _AGAIN
                return
            if not self._sleepers:
                self._say_asleep(None)
                log.info("what was learned of all stations has been read")
            breath()
            if time.thread_time() > end_s:
                return

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        """Take reports in; the stations whose news should not wait for the tick."""
        if not self._sleepers:
            return self._watch.after_reports(batch)
        batch, urgent = self._sleepers.taken(batch)
        return urgent | self._watch.after_reports(batch)

    def conditions(self, touched: Iterable[str], now: datetime) -> Iterator[Condition]:
        """What is new about these stations, and what silence has made due."""
        if self._learning is not None:
            self._learn(self._learning)
        return self._watch.conditions({*touched, *self._sleepers.woken()}, now)

    def news(self, stations: Iterable[str]) -> Iterator[Condition]:
        """What is new about these alone."""
        return self._watch.news(stations)

    def restocked(self, station: str, item: str, at: datetime) -> None:
        """Somebody entered a restock."""
        if not self._sleepers.restocked(station, item, at):
            self._watch.restocked(station, item, at)

    def is_asleep(self, station: str) -> bool:
        """Whether what is known of it was not read yet: nobody should judge by it."""
        return station in self._sleepers

    def sensed(self, station: str, now: datetime) -> Mapping[str, Sensed]:
        """What the station's level sensors say, by item; nothing where its memory is away."""
        with contextlib.suppress(sqlite3.Error, HistoryAway):
            self._sleepers.wake([station], now)
        return self._watch.sensed(station, now)

    def registry_changed(self) -> None:
        """Read the promises again."""
        self._sleepers.registered(self._roster.stations)
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
        if self.write(now, _AT_THE_END_S) and not self._sleepers.is_behind:
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

    def _begun(self, decided: datetime | None) -> tuple[bool, datetime | None]:
        """Whether the file has all that was taken in before, from now on it has not; and until when
        all was decided upon, also of those whom the server before never woke."""
        try:
            is_orderly, before = self._file.is_complete, self._file.decided
            self._file.begin()
        except sqlite3.Error as error:
            self._failed(error)
            return False, decided
        return is_orderly, min(decided or before, before) if before else decided

    def _say_asleep(self, decided: datetime | None) -> None:
        try:
            self._file.decided_until(decided)
        except sqlite3.Error as error:
            self._failed(error)

    def _learn(self, learning: Learning) -> None:
        """Wish for what the history may know, and take over what was learned of it."""
        for wish in self._watch.wishes():
            if self._had_past is None or wish.station.id in self._had_past:
                learning.want(wish)
        for lesson in learning.done():
            missing = self._watch.adopt(lesson)
            if missing is not None:
                learning.want(missing, lesson)
