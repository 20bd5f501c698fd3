"""Learns stations from the history, one after the other, beside a server that is at work.

A server that starts with a history but without what it once knew of the stations (it is new, its
file was lost, the history came from elsewhere) judges what comes at once, and does not wait days
until it knows what is usual: a thread of its own takes in what is kept. It uses a bounded share of
a processor, and tells nobody anything. `KeptWatch` wishes and takes over; `serve` runs it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from queue import Empty, PriorityQueue, SimpleQueue
from threading import Event
from typing import Protocol

from warmstation_server.clock import Clock
from warmstation_server.conditions.lesson import ENOUGH_S, Lesson, Wish
from warmstation_server.history import History, Received
from warmstation_server.history.arrival import by_arrival
from warmstation_server.history.errors import HistoryAway
from warmstation_server.share import Share

log = logging.getLogger(__name__)

REACH = timedelta(days=7)
"""So much of the past: a week has every hour that returns; longer ago it was another season."""
_WINDOW = timedelta(days=1)
"""Read at once: its reports are in memory, so no storage waits for a slow reader."""
_AHEAD = timedelta(days=1)
"""A station's clock may be ahead."""
_AGAIN = timedelta(hours=2)
_FIRST_S = 3.0
"""A server that has just started has more urgent work."""
_RETRY_S = 30.0
_LOOK_S = 0.5
_FIRST, _NEXT = 1, 0


class Breath(Protocol):
    """Called between reports; may take time. True: it is over, stop."""

    def __call__(self) -> bool:
        """Whether to stop."""
        ...


class Learning:
    """What to learn next, and what was learned. `run` is a thread's; the rest is the pipeline's."""

    def __init__(self, history: History, clock: Clock, newest_agent: str | None = None) -> None:
        self._history = history
        self._clock = clock
        self._newest_agent = newest_agent
        self._wishes: PriorityQueue[tuple[int, int, Wish, Lesson | None]] = PriorityQueue()
        self._number = 0
        self._lessons: SimpleQueue[Lesson] = SimpleQueue()

    def want(self, wish: Wish, lesson: Lesson | None = None) -> None:
        """Learn of this station; `lesson`: what was learned, and misses only the last of it."""
        self._number += 1
        self._wishes.put((_FIRST if lesson is None else _NEXT, self._number, wish, lesson))

    def done(self) -> Iterator[Lesson]:
        """What was learned since the last call."""
        while not self._lessons.empty():
            yield self._lessons.get_nowait()

    def run(self, stop: Event) -> None:
        """Learn what is wished for, until told to stop."""
        stop.wait(_FIRST_S)
        breath = Share(stop)
        while not stop.is_set():
            try:
                *_, wish, lesson = self._wishes.get(timeout=_LOOK_S)
            except Empty:
                continue
            try:
                self._learn(wish, lesson, breath)
            except HistoryAway as error:
                log.warning("%s is learned of later: %s", wish.station.id, error)
                self.want(wish)
                stop.wait(_RETRY_S)

    def turn(self) -> bool:
        """Learn of the next station without a pause; whether there was one. For tests."""
        if self._wishes.empty():
            return False
        *_, wish, lesson = self._wishes.get_nowait()
        self._learn(wish, lesson, lambda: False)
        return True

    def _learn(self, wish: Wish, lesson: Lesson | None, breath: Breath) -> None:
        now = self._clock.now()
        if now.timestamp() - wish.since_s >= ENOUGH_S:
            return  # it has learned by itself meanwhile
        since = _moment(wish.since_s)
        if lesson is None:
            if next(self._history.reports(wish.station.id, now - REACH, since), None) is None:
                return  # the history knows no more
            lesson, begin = Lesson(wish.station, self._newest_agent), now - REACH
        else:
            begin = _moment(lesson.watched.order.at_s) - _AGAIN
        is_more = False
        for report in by_arrival(self._reports(wish, begin, now + _AHEAD)):
            if breath():
                return
            if not lesson.has_taken(report):
                lesson.after(report)
                is_more = True
        if is_more:  # else what the watch has heard is not in the history: nothing can be learned
            lesson.end()
            self._lessons.put(lesson)

    def _reports(self, wish: Wish, begin: datetime, end: datetime) -> Iterator[Received]:
        while begin < end:
            for one in list(self._history.reports(wish.station.id, begin, begin + _WINDOW)):
                if one.received_at.timestamp() <= wish.until_s:
                    yield one
            begin += _WINDOW


def _moment(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
