"""What FastAPI answers: programs, forms, and those who sign in. Riders' pages need none of it.

It is loaded beside a server that already shows its stations, so nothing that `app` imports may
import this module.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from warmstation_server.web import api, rider_reports
from warmstation_server.web.enrolment import router as enrolment_router
from warmstation_server.web.languages import language_of, path_in, spoken
from warmstation_server.web.pages import Pages
from warmstation_server.web.problems import problem
from warmstation_server.web.rider_reports import page_response
from warmstation_server.web.rooms import Rooms
from warmstation_server.web.staff.rooms import add_staff

_FOR_PROGRAMS = ("/api/", "/feed/", "/healthz", "/readyz", "/metrics")


def create_behind(rooms: Rooms, pages: Pages) -> FastAPI:
    """All routes that are not finished documents."""
    behind = FastAPI(
        title="Warmstation",
        version="1",
        description="Rest stations for riders: where they are and how they are, measured.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    behind.include_router(api.router(rooms.current, rooms.history, rooms.clock))
    if rooms.enrolment is not None:
        behind.include_router(enrolment_router(rooms.enrolment(), rooms.clock))
    behind.include_router(rider_reports.router(rooms.current, rooms.registry, pages, rooms.clock))
    if rooms.staff is not None:
        add_staff(behind, rooms.staff, rooms.assets)
    _add_rest(behind)
    _add_errors(behind, pages)
    return behind


def _add_rest(app: FastAPI) -> None:
    """What is left: `?lang=` goes to the language's own address, everything else is nowhere."""

    @app.get("/{path:path}", include_in_schema=False)
    async def elsewhere(request: Request) -> Response:
        language = request.query_params.get("lang")
        if language is None or request.url.path.startswith(_FOR_PROGRAMS):
            raise HTTPException(404)
        to = path_in(spoken(language), language_of(request.url.path)[1])
        kept = request.url.remove_query_params("lang").query
        return RedirectResponse(f"{to}?{kept}" if kept else to, 302)


def _add_errors(app: FastAPI, pages: Pages) -> None:
    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if _is_for_programs(request):
            return problem(error.status_code, str(error.detail), headers=error.headers)
        return page_response(pages.error(request.url.path, error.status_code))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if not _is_for_programs(request):
            return page_response(pages.error(request.url.path, 422))
        found = [
            {"in": ".".join(map(str, each["loc"])), "reason": each["msg"]}
            for each in error.errors()
        ]
        return problem(422, "a parameter is not what it should be", found)

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        if _is_for_programs(request):
            return problem(500, "something went wrong here; it has been logged")
        return page_response(pages.error(request.url.path, 500))


def _is_for_programs(request: Request) -> bool:
    return request.url.path.startswith(_FOR_PROGRAMS)
