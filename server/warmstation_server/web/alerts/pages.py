"""/manage: the alerts of one's own stations, and the story of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.alerts.state import AlertState
from warmstation_server.history.errors import HistoryAway
from warmstation_server.web.alerts.deeds import CAUSES, LASTING, SAID, SILENCES
from warmstation_server.web.alerts.evidence import evidence
from warmstation_server.web.alerts.facts import card, hushed, last_hush
from warmstation_server.web.alerts.looking import alert_of, hands, seen_lists
from warmstation_server.web.alerts.story import span_of, steps
from warmstation_server.web.manage.curves import Row, labelled, rows
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Reads = Annotated[Visit, enter(Right.ALERTS_READ)]


def router(parts: StaffParts) -> APIRouter:
    """The list and the story."""
    routes = APIRouter()

    @routes.get("/manage")
    def alerts(visit: Reads, done: str = "") -> Response:
        return visit.page(
            "alerts/list.html",
            lists=seen_lists(visit),
            names=_names(visit),
            done=done if done in SAID else "",
            may_act=visit.may(Right.ALERTS_ACT),
        )

    @routes.get("/manage/alerts/{alert}")
    def story(visit: Reads, alert: str, done: str = "") -> Response:
        return _story(visit, alert_of(visit, alert), done if done in SAID else "")

    return routes


def _names(visit: Visit) -> dict[str, str]:
    """What people are called, by login."""
    return {one.login: one.name for one in visit.parts.registry.people.all()}


def _story(visit: Visit, state: AlertState, done: str) -> Response:
    entries = visit.parts.registry.alerts.history(state.id)
    names = _names(visit)
    one = hushed(card(state, visit.tree, visit.now, visit.words), last_hush(entries))
    curve = _curve(visit, state)
    return visit.page(
        "alerts/story.html",
        it=one,
        state=state,
        station=visit.tree.stations[state.station],
        steps=steps(entries, names, visit.words),
        evidence=evidence(state, visit.words),
        curve=curve or (),
        is_curve_away=curve is None,
        hands=hands(visit, state.station),
        names=names,
        lasting=LASTING,
        silences=SILENCES,
        causes=CAUSES,
        done=done,
        may_act=visit.may(Right.ALERTS_ACT) and state.phase == "firing",
    )


def _curve(visit: Visit, state: AlertState) -> list[Row] | None:
    """What was measured around the trouble; None where the history cannot be read now."""
    reach, start, end = span_of(state, visit.now)
    try:
        points = visit.parts.history.series(state.station, start, end, reach.window)
    except HistoryAway:
        return None
    zone = visit.tree.stations[state.station].zone
    return labelled(rows(points, reach, start, end), lambda at: visit.words.minute(at, zone))
