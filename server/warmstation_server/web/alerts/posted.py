"""A station that is shut though its posted hours say open: the posted hours corrected in one step.

Whoever may say what is promised there corrects it from the alert itself, and takes it back there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from warmstation_server.accounts.role import Right
from warmstation_server.alerts import weekly
from warmstation_server.alerts.scene import WHILE_CLOSED
from warmstation_server.alerts.state import AlertState
from warmstation_server.places import Station, Text
from warmstation_server.web.hours_words import hours_in_words
from warmstation_server.web.staff.visit import Visit


class Posted(NamedTuple):
    """What may be posted instead: `now` and `then` in words, `hours` as it is kept.

    `day`: the weekday that is shut. `times`: how often in a row it was.
    """

    day: Text
    now: str
    then: str
    hours: str
    times: int
    is_undo: bool


def posted(visit: Visit, state: AlertState) -> Posted | None:
    """What the alert offers to whoever looks; None where it is not about that, or not theirs."""
    if state.name not in WHILE_CLOSED or not visit.may(Right.STATIONS_WRITE):
        return None
    station = visit.tree.stations.get(state.station)
    if station is None:  # it was retired since
        return None
    day = weekly.shut_day(state, station)
    if day is None:
        return _taken_back(visit, state, station)
    hours = weekly.correction(station, day)
    if hours is None:
        return None
    before = visit.parts.registry.alerts.newest(station.id)
    times = weekly.times_shut(state, before, station)
    return _posted(visit, station, day.weekday(), hours, times, is_undo=False)


def _taken_back(visit: Visit, state: AlertState, station: Station) -> Posted | None:
    undone = weekly.undone(station)
    if undone is None:
        return None
    weekday, hours = undone
    day = weekly.shut_day(state, replace(station, hours=hours))
    if day is None or day.weekday() != weekday:
        return None
    return _posted(visit, station, weekday, hours, 0, is_undo=True)


def _posted(
    visit: Visit, station: Station, weekday: int, hours: str, times: int, *, is_undo: bool
) -> Posted:
    now, then = (hours_in_words(one, visit.words) for one in (station.hours, hours))
    return Posted(weekly.NAMES[weekday], now, then, hours, times, is_undo)
