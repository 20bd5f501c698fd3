"""Which alerts a visitor sees. For the routes of this room."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import HTTPException

from warmstation_server.accounts.person import Person, may
from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import at_station
from warmstation_server.alerts.state import AlertState
from warmstation_server.web.alerts.facts import Lists, last_hush, lists
from warmstation_server.web.staff.visit import Visit

MOST_OPEN, MOST_OVER = 5_000, 400


def open_alerts(visit: Visit) -> list[AlertState]:
    """All that fire at the visitor's stations."""
    found = visit.parts.registry.alerts.newest(is_open=True, limit=MOST_OPEN)
    return [one for one in found if one.phase == "firing" and visit.sees(one.station)]


def seen_lists(visit: Visit) -> Lists:
    """Everything that the page of alerts shows."""
    alerts = visit.parts.registry.alerts
    states = open_alerts(visit)
    recent = alerts.newest(limit=MOST_OVER)
    states += [one for one in recent if one.phase == "resolved" and visit.sees(one.station)]
    silenced = [one for one in states if one.word == "silenced"]
    found = {one.id: last_hush(alerts.history(one.id)) for one in silenced}
    hushes = {key: hush for key, hush in found.items() if hush is not None}
    return lists(states, hushes, visit.tree, visit.now, visit.words)


def alert_of(visit: Visit, alert: str) -> AlertState:
    """One alert; 404 for one that is not there and for one that is not theirs alike."""
    state = visit.parts.registry.alerts.find(alert[:64])
    if state is None or not visit.sees(state.station):
        raise HTTPException(404)
    return state


def hands(visit: Visit, station: str) -> list[Person]:
    """Who can be asked to see to something at this station."""
    people: Iterable[Person] = visit.parts.registry.people.all()
    node = at_station(station)
    return [one for one in people if may(one, Right.ALERTS_ACT, node, visit.tree)]
