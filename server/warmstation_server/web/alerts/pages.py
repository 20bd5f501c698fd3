"""/manage: the alerts of one's own stations, and the story of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.web.alerts.looking import alert_of, seen_lists
from warmstation_server.web.alerts.story_page import SAID, names_of, story_page
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
            names=names_of(visit),
            done=done if done in SAID else "",
            may_act=visit.may(Right.ALERTS_ACT),
        )

    @routes.get("/manage/alerts/{alert}")
    def story(visit: Reads, alert: str, done: str = "") -> Response:
        return story_page(visit, alert_of(visit, alert), done)

    return routes
