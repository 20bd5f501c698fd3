"""The story of an alert as a page: by itself, and again with a form that was refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.alerts.state import AlertState
from warmstation_server.history.errors import HistoryAway
from warmstation_server.web.alerts.evidence import evidence
from warmstation_server.web.alerts.facts import card, hushed, last_hush
from warmstation_server.web.alerts.looking import hands
from warmstation_server.web.alerts.posted import posted
from warmstation_server.web.alerts.story import span_of, steps
from warmstation_server.web.alerts.told import Told, told
from warmstation_server.web.manage.curves import Row, has_value, labelled, rows
from warmstation_server.web.staff.visit import Visit

LASTING: Mapping[str, timedelta] = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "12h": timedelta(hours=12),
    "1d": timedelta(days=1),
}
SILENCES: Mapping[str, timedelta] = {
    "1h": timedelta(hours=1),
    "8h": timedelta(hours=8),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}
"""No silence is for good."""
CAUSES = ("repaired", "restocked", "switched", "weather", "false", "other")
SAID = (
    "acknowledged",
    "assigned",
    "commented",
    "silenced",
    "ended",
    "resolved",
    "soon",
    "over",
    "posted",
)
"""What the page says after a form."""


def names_of(visit: Visit) -> dict[str, str]:
    """What people are called, by login."""
    return {one.login: one.name for one in visit.parts.registry.people.all()}


def story_page(visit: Visit, state: AlertState, done: str = "") -> Response:
    """The story; `done`: what it says of the form that led here."""
    return _page(visit, state, done=done if done in SAID else "")


def refused(visit: Visit, state: AlertState, deed: str, wrong: str) -> Response:
    """The story with the form as it was sent, and beside it what is missing."""
    return _page(visit, state, status=422, deed=deed, wrong=f"did.{wrong}")


def _page(visit: Visit, state: AlertState, **said: Any) -> Response:
    entries = visit.parts.registry.alerts.history(state.id)
    names = names_of(visit)
    one = hushed(card(state, visit.tree, visit.now, visit.words), last_hush(entries))
    curve = _curve(visit, state)
    return visit.page(
        "alerts/story.html",
        it=one,
        state=state,
        station=visit.tree.known(state.station),
        steps=steps(entries, names, visit.words),
        evidence=evidence(state, visit.words),
        curve=curve or (),
        is_curve_away=curve is None,
        is_measured=any(map(has_value, curve or ())),
        told=_told(visit, state),
        hands=hands(visit, state.station),
        names=names,
        lasting=LASTING,
        silences=SILENCES,
        causes=CAUSES,
        # What was just posted is on this page with the next tick; until then it offers nothing.
        posted=None if said.get("done") == "posted" else posted(visit, state),
        next_steps=_next_steps(visit, state),
        may_act=visit.may(Right.ALERTS_ACT) and state.phase == "firing",
        may_unhush=visit.may(Right.ALERTS_ACT),
        place=f"/manage/alerts/{state.id}",
        **{"done": "", "deed": "", "wrong": "", **said},
    )


def _next_steps(visit: Visit, state: AlertState) -> list[tuple[str, str]]:
    """What else can be done about it, and where: its shelf, or the station's opening hours."""
    if state.name.startswith("supplies."):
        shelf = f"/manage/supplies/{state.station}"
        where = f"{shelf}/{state.subject}" if state.subject else shelf
        return [("deed.shelf", where)] if visit.may(Right.SUPPLIES_WRITE) else []
    hand = f"/manage/stations/{state.station}#hand"
    return [("deed.close", hand)] if visit.may(Right.STATIONS_WRITE) else []


def _told(visit: Visit, state: AlertState) -> list[Told] | None:
    """Who was told; None for those who may not know."""
    if not visit.may(Right.NOTICES_READ):
        return None
    notices = visit.parts.registry.notifications
    return told(notices.attempts(state.id), notices.unfinished(state.id), visit.words)


def _curve(visit: Visit, state: AlertState) -> list[Row] | None:
    """What was measured around the trouble; None where the history cannot be read now."""
    reach, start, end = span_of(state, visit.now)
    try:
        points = visit.parts.history.series(state.station, start, end, reach.window)
    except HistoryAway:
        return None
    zone = visit.tree.known(state.station).zone
    return labelled(rows(points, reach, start, end), lambda at: visit.words.minute(at, zone))
