"""All stations as they are watched: reports in, conditions out. One thread's own.

watch = Watch(roster)
urgent = watch.after_reports(batch)         # stations with something dangerous: do not wait
for condition in watch.conditions(touched, now): ...
kept = watch.state(station); later = Watch(roster); later.resume(station, kept)
"""

from __future__ import annotations

import heapq
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.chargers import has_danger
from warmstation_server.conditions.errors import BadWatch
from warmstation_server.conditions.health import version_of
from warmstation_server.conditions.lesson import ENOUGH_S, Lesson, Wish
from warmstation_server.conditions.sensed import Sensed
from warmstation_server.conditions.sequence import Sequence as InOrder
from warmstation_server.conditions.unheard import Unheard, never_heard
from warmstation_server.conditions.watched import Watched
from warmstation_server.history import Received
from warmstation_server.places import Station

_DEAF_S = 60.0
"""The server that did not look for longer was away itself: silence counts from its return."""


class Registered(Protocol):
    """What is promised of each station; the mapping may be another one any time."""

    @property
    def stations(self) -> Mapping[str, Station]:
        """By id."""
        ...


class Watch:
    """Every registered station: what is known of those heard, and who was never heard."""

    def __init__(self, registered: Registered, newest_agent: str | None = None) -> None:
        self._registered = registered
        self._newest_agent = version_of(newest_agent) if newest_agent else None
        self._watched: dict[str, Watched] = {}
        self._unheard = Unheard()
        self._unheard.registered(registered.stations, ())
        self._first_words: list[Condition] = []
        self._sequence = InOrder()
        self._due: list[tuple[float, str]] = []
        self._listening_s = 0.0
        self._looked_s = 0.0
        self._asleep: set[str] = set()
        """What is known of them is elsewhere, and comes with `resume`: nothing is made up."""
        self._unasked: set[str] = set()
        self._wishes: list[Wish] = []
        self._taught: set[str] = set()

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        """Take reports in; stations that said something dangerous, whose news should not wait."""
        urgent: set[str] = set()
        for received in batch:
            station = received.station
            watched = self._watched.get(station)
            if (
                watched is not None
                and not self._sequence.is_waiting(station, received.stream)
                and watched.repeats(received, self._listening_s)
            ):
                continue
            is_first = watched is None
            watched = self._of(station)
            if watched is None:
                continue
            if is_first:
                at_s = received.received_at.timestamp()
                self._first_words.append(never_heard(station, at_s, holds=False))
            if has_danger(received):
                urgent.add(station)
                watched.ahead(received)  # what is dangerous waits for no missing number
            for one in self._sequence.after(received, watched.order.seqs):
                watched.after(one, self._listening_s, self._newest_agent)
            if station in self._unasked and watched.since_s:
                self._unasked.discard(station)
                self._ask(watched)
        return urgent

    def conditions(self, touched: Iterable[str], now: datetime) -> Iterator[Condition]:
        """What is new about the touched stations, and what silence has made due."""
        now_s = now.timestamp()
        if now_s < self._looked_s - _DEAF_S:
            self._set_back(now_s)
        elif now_s - self._looked_s > _DEAF_S:
            self._listening_s = now_s
        self._looked_s = now_s
        words, self._first_words = self._first_words, []
        yield from words
        yield from self._missed(now_s)
        taught, self._taught = self._taught, set()
        yield from self.news({*touched, *self._caught_up(now_s), *taught})
        while self._due and self._due[0][0] <= now_s:
            station = self._due[0][1]
            watched = self._watched.get(station)
            if watched is None:
                heapq.heappop(self._due)
                continue
            next_s = max(watched.due(now_s, self._listening_s), now_s + 1.0)
            heapq.heapreplace(self._due, (next_s, station))
            yield from watched.take()

    def news(self, stations: Iterable[str]) -> Iterator[Condition]:
        """What is new about these alone."""
        for station in stations:
            watched = self._watched.get(station)
            if watched is not None:
                yield from watched.take()

    def heard_before(self, station: str, received_at: datetime) -> None:
        """The history has a report of a station that this watch has not heard: it is not new."""
        if station in self._registered.stations:
            self._unheard.heard_before(station, received_at.timestamp())
        else:
            self._unheard.left(station, received_at.timestamp())

    def wishes(self) -> list[Wish]:
        """Stations heard for the first time here, of which the history may know more; each once."""
        wishes, self._wishes = self._wishes, []
        return wishes

    def adopt(self, lesson: Lesson) -> Wish | None:
        """Know what was learned of a station; what to learn first, where more came meanwhile."""
        watched = self._watched.get(lesson.station)
        if watched is None:
            return None
        if lesson.is_behind(watched.order):
            return Wish(watched.place.station, watched.learns_since_s, watched.order.received_s)
        if lesson.watched.learns_since_s < watched.learns_since_s:
            watched.adopt(lesson.watched)
            self._taught.add(lesson.station)
        return None

    def has_taken(self, received: Received) -> bool:
        """Whether this report, or one behind it in its stream, was taken in already."""
        watched = self._watched.get(received.station)
        newest = None if watched is None else watched.order.seqs.get(received.stream)
        return newest is not None and received.seq <= newest

    def deaf(self, now: datetime) -> None:
        """No report can be taken now (broker or history are away): silence counts from here."""
        self._listening_s = now.timestamp()

    def restocked(self, station: str, item: str, at: datetime) -> None:
        """Somebody entered a restock: its rise is no riddle, others at this station would be."""
        watched = self._of(station)
        if watched is not None:
            watched.supplies.restocked(item, at.timestamp())

    def sensed(self, station: str, now: datetime) -> Mapping[str, Sensed]:
        """What the station's level sensors say, by item; empty where it has none."""
        watched = self._watched.get(station)
        if watched is None:
            return {}
        return watched.supplies.sensed(now.timestamp(), watched.place)

    def registry_changed(self) -> None:
        """Read the promises again; stations that are no longer registered are forgotten."""
        stations = self._registered.stations
        for station in [station for station in self._watched if station not in stations]:
            self._unheard.left(station, self._watched.pop(station).link.heard_s)
            self._unasked.discard(station)
        for station, watched in self._watched.items():
            watched.promised(stations[station])
        self._asleep &= stations.keys()
        self._unheard.registered(stations, (*self._watched, *self._asleep))
        self._sequence.forget(stations)

    @property
    def known(self) -> list[str]:
        """The stations of which something is known."""
        return list(self._watched)

    def state(self, station: str) -> bytes | None:
        """Everything learned of a station and told; None while there is news to take first, and
        of one that was never heard."""
        watched = self._watched.get(station)
        if watched is None or watched.standing.has_news:
            return None
        saved = [watched.saved(), self._sequence.saved(station)]
        return zlib.compress(json.dumps(saved, separators=(",", ":")).encode(), 1)

    def resume(self, station: str, state: bytes) -> None:
        """Go on with a station exactly where `state` was taken. Raises BadWatch."""
        known = self._registered.stations.get(station)
        if known is None:
            return
        try:
            saved, held = json.loads(zlib.decompress(state))
            watched = Watched.resumed(known, saved)
            self._sequence.resume(held)
        except (ValueError, TypeError, KeyError, zlib.error) as error:
            raise BadWatch(f"station {station}: its saved watch is damaged") from error
        self._watched[station] = watched
        self._unheard.heard(station)
        self._unasked.add(station)
        heapq.heappush(self._due, (watched.link.heard_s, station))

    def sleeps(self, stations: Iterable[str]) -> None:
        """Of these something is known that comes with `resume`; until `wakes` nobody judges them,
        neither what they say nor their silence."""
        for station in stations:
            self._asleep.add(station)
            self._unheard.heard(station)

    def wakes(self, station: str, heard_at: datetime) -> None:
        """What was known of it is there, or lost: then it is one that was heard then."""
        self._asleep.discard(station)
        if station not in self._watched:
            self._unheard.waits(station, heard_at.timestamp())

    def _set_back(self, now_s: float) -> None:
        """The server's clock was ahead: what came then did not come later than now."""
        self._listening_s = now_s
        for watched in self._watched.values():
            watched.set_back(now_s)
        self._due = [(now_s, station) for station in self._watched]

    def _ask(self, watched: Watched) -> None:
        wish = Wish(watched.place.station, watched.learns_since_s, watched.order.received_s)
        if wish.until_s - wish.since_s < ENOUGH_S:
            self._wishes.append(wish)

    def _caught_up(self, now_s: float) -> set[str]:
        """Stations whose reports have waited long enough for one before them."""
        overdue = self._sequence.overdue(now_s)
        for station in overdue:
            watched = self._watched[station]
            for one in self._sequence.released(station, now_s, watched.order.seqs):
                watched.after(one, self._listening_s, self._newest_agent)
        return overdue

    def _missed(self, now_s: float) -> Iterator[Condition]:
        """Who should have been heard by now, and has not been since the watch began."""
        for station, heard_s in self._unheard.silent(now_s, self._listening_s):
            if not heard_s:
                yield never_heard(station, now_s, holds=True)
                continue
            watched = self._of(station)
            if watched is not None:
                watched.link.heard_s = heard_s  # its silence is told in this very turn

    def _of(self, station: str) -> Watched | None:
        watched = self._watched.get(station)
        if watched is None:
            known = self._registered.stations.get(station)
            if known is None or station in self._asleep:
                return None
            watched = self._watched[station] = Watched(known)
            heapq.heappush(self._due, (0.0, station))
            self._unheard.heard(station)
            self._unasked.add(station)
        return watched
