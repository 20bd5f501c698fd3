"""Recorded reports through the diagnosis and one or more sets of rules. For `rules backtest`."""

from __future__ import annotations

import copy
import heapq
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta

from warmstation_server.alerts.backtest import Judged
from warmstation_server.alerts.context import path_of
from warmstation_server.alerts.dry_run import DryRun
from warmstation_server.alerts.errors import BadPlaces
from warmstation_server.alerts.rules import Rules
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import History, Received
from warmstation_server.history.arrival import by_arrival
from warmstation_server.history.codec import flat_of
from warmstation_server.roster import Roster

_TICK = timedelta(seconds=30)
"""Often enough for the watch to see silence: it takes a longer gap for its own absence."""
_TOLD = timedelta(hours=1)
LEARNING = timedelta(days=7)
"""So much of the recording before the time in question is only learned from."""


def judged(
    history: History,
    roster: Roster,
    sets: Sequence[Rules],
    start: datetime,
    end: datetime,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Judged]:
    """What each set of rules would have told in start..end, from the same conditions.

    Every moment is judged by what was promised then. `progress` hears the share of the time that is
    done, once an hour of it.
    """
    promised = _Promised(roster, start - LEARNING, end)
    roster = promised.roster
    trials = [DryRun(roster, rules, start) for rules in sets]
    watch, begin = Watch(roster), start - LEARNING
    reports = _reports(history, roster, begin, end)
    first, count = next(reports, None), 0
    if first is not None:
        now, told = min(first.received_at, start), begin
        touched: set[str] = set()
        for report in _with(first, reports):
            while now + _TICK < report.received_at:
                now += _TICK
                _tick(watch, promised, trials, touched, now, start)
            if now - told >= _TOLD:
                told = now
                progress((now - begin) / (end - begin))
            watch.after_reports((report,))
            count += report.received_at >= start
            touched.add(report.station)
        while now < end:
            now = min(now + _TICK, end)
            _tick(watch, promised, trials, touched, now, start)
    return [Judged(tuple(trial.notices), start, end, count) for trial in trials]


def only(roster: Roster, places: Collection[str]) -> Roster:
    """The same with these stations alone, and those of these regions; BadPlaces names others."""
    unknown = [one for one in places if one not in roster.stations and one not in roster.regions]
    if unknown:
        raise BadPlaces(f"neither a station nor a region: {', '.join(sorted(unknown))}")
    part = copy.copy(roster)
    part.stations = {
        id_: one
        for id_, one in roster.stations.items()
        if id_ in places or any(region.id in places for region in path_of(one, roster.regions))
    }
    return part


class _Promised:
    """The roster as it was: `roster` says at any time what was promised at the moment reached."""

    def __init__(self, roster: Roster, start: datetime, end: datetime) -> None:
        self.roster = copy.copy(roster)
        self._today = roster.stations
        self._changes = deque(roster.amended(start, end))
        self._look_back(start)

    def reach(self, now: datetime) -> bool:
        """Whether something else is promised now than before."""
        is_new = False
        while self._changes and self._changes[0] <= now:
            self._changes.popleft()
            is_new = True
        if is_new:
            self._look_back(now)
        return is_new

    def _look_back(self, at: datetime) -> None:
        then = self.roster.then
        self.roster.stations = {key: then(one, at) for key, one in self._today.items()}


def _tick(
    watch: Watch,
    promised: _Promised,
    trials: list[DryRun],
    touched: set[str],
    now: datetime,
    start: datetime,
) -> None:
    if promised.reach(now):
        watch.registry_changed()
    conditions = list(watch.conditions(touched, now))
    touched.clear()
    if now >= start:
        for trial in trials:
            trial.take(conditions, now)


def _reports(
    history: History, roster: Roster, start: datetime, end: datetime
) -> Iterator[Received]:
    """All stations' reports in the order in which they came."""
    each = [by_arrival(history.reports(station, start, end)) for station in roster.stations]
    for report in heapq.merge(*each, key=lambda one: one.received_at):
        report.flat = flat_of(report)  # asked for by several who judge it
        yield report


def _with(first: Received, rest: Iterator[Received]) -> Iterator[Received]:
    yield first
    yield from rest
