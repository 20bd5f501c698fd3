"""Recorded reports through the diagnosis and one or more sets of rules. For `rules backtest`."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from warmstation_server.alerts.backtest import Judged
from warmstation_server.alerts.dry_run import DryRun
from warmstation_server.alerts.rules import Rules
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import History, Received
from warmstation_server.history.arrival import by_arrival
from warmstation_server.roster import Roster

_TICK = timedelta(seconds=30)
"""Often enough for the watch to see silence: it takes a longer gap for its own absence."""
LEARNING = timedelta(days=7)
"""So much of the recording before the time in question is only learned from."""


def judged(
    history: History,
    roster: Roster,
    sets: Sequence[Rules],
    start: datetime,
    end: datetime,
) -> list[Judged]:
    """What each set of rules would have told in start..end, from the same conditions."""
    trials = [DryRun(roster, rules, start) for rules in sets]
    watch = Watch(roster)
    reports = _reports(history, roster, start - LEARNING, end)
    first, count = next(reports, None), 0
    if first is not None:
        now = min(first.received_at, start)
        touched: set[str] = set()
        for report in _with(first, reports):
            while now + _TICK < report.received_at:
                now += _TICK
                _tick(watch, trials, touched, now, start)
            watch.after_reports((report,))
            count += report.received_at >= start
            touched.add(report.report.station)
        while now < end:
            now = min(now + _TICK, end)
            _tick(watch, trials, touched, now, start)
    return [Judged(tuple(trial.notices), start, end, count) for trial in trials]


def _tick(
    watch: Watch, trials: list[DryRun], touched: set[str], now: datetime, start: datetime
) -> None:
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
    return heapq.merge(*each, key=lambda one: one.received_at)


def _with(first: Received, rest: Iterator[Received]) -> Iterator[Received]:
    yield first
    yield from rest
