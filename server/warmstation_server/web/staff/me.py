"""/me: one's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.web.staff.door import cookie_name, enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Mine = Annotated[Visit, enter(Right.OWN)]


def router(parts: StaffParts) -> APIRouter:
    """The account, and the way out."""
    routes = APIRouter()

    @routes.get("/me")
    def mine(visit: Mine) -> Response:
        return visit.page("staff/me.html")

    @routes.post("/logout")
    def leave(visit: Mine) -> Response:
        parts.registry.sessions.end(visit.person.login, only=visit.visitor.session)
        response = visit.go("/login")
        response.delete_cookie(cookie_name(parts), path="/")
        return response

    return routes
