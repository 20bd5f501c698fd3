"""What people do with an alert: take it on, assign, comment, silence, resolve it, or post other
hours where it is these that are wrong. Plain forms."""

from __future__ import annotations

from concurrent.futures import TimeoutError as NotYet
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response

from warmstation_server.accounts.audit import Author, Entry
from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import at_station
from warmstation_server.alerts.action import (
    Acknowledge,
    Action,
    Assign,
    Comment,
    Resolve,
    Silence,
)
from warmstation_server.alerts.errors import UnknownAlert
from warmstation_server.alerts.state import AlertState
from warmstation_server.alerts.store import Tell
from warmstation_server.web.alerts.looking import alert_of, hands
from warmstation_server.web.alerts.posted import posted
from warmstation_server.web.alerts.story_page import CAUSES, LASTING, SILENCES, refused
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

PATIENCE_S = 4.0
"""The desk decides with the pipeline's next turn, at most a second away unless it is held up."""

Posts = Annotated[Visit, enter(Right.STATIONS_WRITE)]
Acts = Annotated[Visit, enter(Right.ALERTS_ACT)]


def router(parts: StaffParts) -> APIRouter:
    """One form each."""
    routes = APIRouter(prefix="/manage/alerts/{alert}")

    @routes.post("/acknowledge")
    def acknowledge(visit: Acts, alert: str) -> Response:
        lasts = LASTING.get(visit.form.text("lasts"))
        action = Acknowledge(visit.person.login, visit.form.text("note"), lasts)
        return _do(visit, alert, action, "acknowledged")

    @routes.post("/assign")
    def assign(visit: Acts, alert: str) -> Response:
        station, whom = alert_of(visit, alert).station, visit.form.text("to")
        if whom not in {one.login for one in hands(visit, station)}:
            return refused(visit, alert_of(visit, alert), "assign", "whom")
        return _do(visit, alert, Assign(visit.person.login, whom), "assigned")

    @routes.post("/comment")
    def comment(visit: Acts, alert: str) -> Response:
        text = visit.form.text("text")
        if not text:
            return refused(visit, alert_of(visit, alert), "comment", "what")
        return _do(visit, alert, Comment(visit.person.login, text), "commented")

    @routes.post("/silence")
    def silence(visit: Acts, alert: str) -> Response:
        lasts, why = SILENCES.get(visit.form.text("lasts")), visit.form.text("reason")
        if lasts is None or not why:
            return refused(visit, alert_of(visit, alert), "silence", "why")
        action = Silence(visit.person.login, visit.now + lasts, why)
        return _do(visit, alert, action, "silenced")

    @routes.post("/unsilence")
    def unsilence(visit: Acts, alert: str) -> Response:
        return _do(visit, alert, Silence(visit.person.login, visit.now), "ended")

    @routes.post("/resolve")
    def resolve(visit: Acts, alert: str) -> Response:
        cause, note = visit.form.text("cause"), visit.form.text("note")
        if cause not in CAUSES or (cause == "other" and not note):
            return refused(visit, alert_of(visit, alert), "resolve", "why")
        told = f"{cause}: {note}" if note else cause
        return _do(visit, alert, Resolve(visit.person.login, told), "resolved")

    @routes.post("/hours")
    def hours(visit: Posts, alert: str) -> Response:
        state = alert_of(visit, alert)
        station, found = visit.tree.known(state.station), posted(visit, state)
        author = Author(visit.now, visit.person.login)
        if found is None or visit.form.text("was", 600) != station.hours:
            return refused(visit, state, "hours", "hours")
        if not parts.registry.post_hours(station, found.hours, author):
            return refused(visit, state, "hours", "hours")
        return visit.go(f"/manage/alerts/{state.id}?done=posted")

    return routes


def _do(visit: Visit, alert: str, action: Action, said: str) -> Response:
    asked = alert_of(visit, alert).id
    future = visit.parts.desk.ask(asked, action, told(visit, said, action))
    try:
        future.result(PATIENCE_S)
    except UnknownAlert:
        return _back(visit, alert, "over")
    except NotYet:
        # It stays asked for: the desk does it as soon as it can, and the page says so.
        return _back(visit, alert, "soon")
    return _back(visit, alert, said)


def told(visit: Visit, said: str, action: Action) -> Tell:
    """The line of the audit log that the desk commits with it."""

    def tell(before: AlertState, after: AlertState) -> Entry:
        place, note = at_station(before.station), _note(action)
        is_now = _facts(after) | ({"note": note} if note else {})
        return visit.entry(f"alert.{said}", before.id, _facts(before), is_now, place=place)

    return tell


def _facts(one: AlertState) -> dict[str, Any]:
    held, hushed = one.acknowledged, one.silenced_until
    return {
        "alert": one.name,
        "about": one.subject,
        "state": one.word,
        "assignee": one.assignee,
        "acknowledged_until": held.until.isoformat() if held else None,
        "silenced_until": hushed.isoformat() if hushed else None,
    }


def _note(action: Action) -> str | None:
    match action:
        case Acknowledge() | Silence():
            return action.note or None
        case Comment():
            return action.text
        case Resolve():
            return action.cause
        case Assign():
            return None


def _back(visit: Visit, alert: str, said: str) -> Response:
    """To the list where the form was on the list, else to the story."""
    if visit.form.has("on_list"):
        return visit.go(f"/manage?done={said}")
    return visit.go(f"/manage/alerts/{alert_of(visit, alert).id}?done={said}")
