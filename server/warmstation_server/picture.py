"""Keeps the snapshot that everyone reads: recomputes what changed, swaps it in whole."""

from __future__ import annotations

import heapq
from collections import Counter as Tally
from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from datetime import datetime

from warmstation_server.history.said import forget
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, Snapshot, Told
from warmstation_server.status.against import NOTHING, Against
from warmstation_server.status.board import Board
from warmstation_server.status.station import next_turn, station_status
from warmstation_wire import StationStatus

Busy = Mapping[str, tuple[float | None, ...]]

SLICE = 50
"""Stations whose status takes some ten milliseconds."""
_NOTHING = Told()


class Picture:
    """The writer of Current: one thread, once a tick.

    A station is looked at when it reported, and when its status is due to change by itself.
    """

    def __init__(self, roster: Roster, current: Current) -> None:
        self._roster = roster
        self._current = current
        self._due: dict[str, datetime] = {}
        """When each station is to be looked at, unless it reports before."""
        self._calendar: list[tuple[datetime, str]] = []
        """When to ask `_due`, the next one first; `_entered`: the entry of each that counts."""
        self._entered: dict[str, datetime] = {}
        self._against: Mapping[str, Against] = {}
        """What alerts speak against of what a station measures."""
        self.news: Set[str] = frozenset()
        """Whose status the last turn changed."""
        self.data_states: Tally[str] = Tally()
        """How many stations are in which state of data."""

    def turn(
        self,
        board: Board,
        touched: Set[str],
        busy: Busy,
        now: datetime,
        told: Told = _NOTHING,
        breath: Callable[[], None] = lambda: None,
    ) -> Snapshot:
        """Bring the snapshot up to `now`.

        `told`: what the alerts say. `breath` is called every SLICE stations, for whoever has
        something more urgent to do.
        """
        before = self._current.get()
        touched = touched | self._heard_anew(told.against)
        is_new_roster = self._roster.refresh() or before.stations is not self._roster.stations
        if is_new_roster:
            # Everybody is looked at again, and who is gone is left out.
            self._due, self._calendar, self._entered = {}, [], {}
            touched = self._roster.stations.keys()
            before = replace(before, statuses={}, next_change={})
            self.data_states = Tally()
        statuses, changes = self._new_statuses(board, touched, before.next_change, now, breath)
        known = before.statuses
        news = {id_: one for id_, one in statuses.items() if _is_other(one, known.get(id_))}
        self._tally(before.statuses, news)
        self.news = news.keys()
        # All stations' busy hours are one mapping for an hour: not to be compared every second.
        is_busy_anew = busy is not before.busy and busy != before.busy
        is_told_anew = is_busy_anew or told.alerts != before.alerts
        is_news = is_new_roster or bool(news) or is_told_anew
        snapshot = Snapshot(
            at=now,
            version=before.version + is_news,
            regions=self._roster.regions,
            stations=self._roster.stations,
            retired=self._roster.retired,
            statuses={**before.statuses, **news} if news else before.statuses,
            next_change={**before.next_change, **changes} if changes else before.next_change,
            busy=busy,
            alerts=told.alerts,
            overrides=self._roster.overrides,
            answers=self._roster.answers,
        )
        self._current.swap(snapshot)
        return snapshot

    def _heard_anew(self, against: Mapping[str, Against]) -> set[str]:
        """Of whom alerts say something else than before."""
        before, self._against = self._against, against
        if against is before:
            return set()
        return {one for one in (*before, *against) if before.get(one) != against.get(one)}

    def _new_statuses(
        self,
        board: Board,
        touched: Set[str],
        known: Mapping[str, datetime | None],
        now: datetime,
        breath: Callable[[], None],
    ) -> tuple[dict[str, StationStatus], dict[str, datetime | None]]:
        statuses: dict[str, StationStatus] = {}
        changes: dict[str, datetime | None] = {}
        stations = self._roster.stations
        for number, id_ in enumerate(self._now_due(now) | (touched & stations.keys())):
            if not number % SLICE:
                breath()
            state, posted = board.state(id_), self._roster.posted(stations[id_], now)
            against = self._against.get(id_, NOTHING)
            statuses[id_] = station_status(stations[id_], state, posted, now, against)
            if id_ not in known or known[id_] != posted.next_change:
                changes[id_] = posted.next_change
            if state.heard is not None:
                forget(state.heard)
            at = next_turn(statuses[id_].last_reported, state.evidence, posted, now)
            self._look_at(id_, at)
        return statuses, changes

    def _look_at(self, station: str, at: datetime | None) -> None:
        """Remember when to. The calendar has one entry of each station that is not too late:
        most reports only put off what is due, and it is moved when its time has come."""
        if at is None:
            self._due.pop(station, None)
            return
        self._due[station] = at
        entered = self._entered.get(station)
        if entered is None or at < entered:
            self._entered[station] = at
            heapq.heappush(self._calendar, (at, station))

    def _now_due(self, now: datetime) -> set[str]:
        due = set()
        while self._calendar and self._calendar[0][0] <= now:
            entered, station = heapq.heappop(self._calendar)
            if self._entered.get(station) != entered:
                continue  # there is an earlier one
            del self._entered[station]
            at = self._due.get(station)
            if at is None:
                continue
            if at > now:
                self._look_at(station, at)
            else:
                del self._due[station]
                due.add(station)
        return due

    def _tally(
        self, before: Mapping[str, StationStatus], news: Mapping[str, StationStatus]
    ) -> None:
        for id_, one in news.items():
            self.data_states[one.data_state] += 1
            was = before.get(id_)
            if was is not None:
                self.data_states[was.data_state] -= 1


def _is_other(status: StationStatus, before: StationStatus | None) -> bool:
    """After a report the time alone says so, at a tenth of what a look at all of it costs."""
    return before is None or status.last_reported != before.last_reported or status != before
