"""Which pages staff have: every surface adds its `router(parts)` here. For create_app.

A page is declared once, at its Chinese address; it is there in English below /en too.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from warmstation_server.errors import ServerError
from warmstation_server.web.alerts import api
from warmstation_server.web.alerts.rooms import ROOMS as ALERTS
from warmstation_server.web.assets import Assets
from warmstation_server.web.district import api as figures
from warmstation_server.web.district.rooms import ROOMS as DISTRICT
from warmstation_server.web.manage import checkin, register_api
from warmstation_server.web.manage.rooms import ROOMS as MANAGE
from warmstation_server.web.staff import audit, login, me, people
from warmstation_server.web.staff.door import SentAway, right_of
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rendering import Rendering

Rooms = Callable[[StaffParts], APIRouter]

PAGES: tuple[Rooms, ...] = (
    *(me.router, people.router, audit.router),
    *ALERTS,
    *MANAGE,
    *DISTRICT,
)
"""For people, behind the door."""
APIS: tuple[Rooms, ...] = (api.router, figures.router, register_api.router)
"""For programs with a token, below /api/v1; in the OpenAPI document."""


class BareRoute(ServerError, RuntimeError):
    """A staff page that declares no right: it would be open to everybody."""


def add_staff(app: FastAPI, parts: StaffParts, assets: Assets) -> None:
    """Put every staff page into the application; BareRoute where one declares no right."""
    app.state.staff = parts
    app.state.rendering = Rendering(parts.site, assets)
    pages = [room(parts) for room in PAGES]
    programs = [room(parts) for room in APIS]
    for router in (*pages, *programs):
        check_rights(router)
    for router in (login.router(parts), checkin.router(parts), *pages):
        app.include_router(router, include_in_schema=False)
        app.include_router(router, prefix="/en", include_in_schema=False)
    for router in programs:
        app.include_router(router)

    @app.exception_handler(SentAway)
    async def sent_away(request: Request, error: SentAway) -> Response:
        return error.response


def check_rights(router: APIRouter) -> None:
    """BareRoute names the first address without a right."""
    for route in router.routes:
        if not isinstance(route, APIRoute) or right_of(route) is None:
            raise BareRoute(f"{getattr(route, 'path', route)} declares no right: use enter(...)")
