"""The whole web face of a server, put together. `serve` calls create_app, once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp

from warmstation_dashboards.resources import STATIC
from warmstation_server.clock import Clock
from warmstation_server.history import History
from warmstation_server.publish.documents import Document, document
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Current
from warmstation_server.web import api, rider_reports
from warmstation_server.web.assets import Assets
from warmstation_server.web.enrolment import EnrolmentDesk
from warmstation_server.web.enrolment import router as enrolment_router
from warmstation_server.web.front import Front
from warmstation_server.web.languages import language_of, path_in, spoken
from warmstation_server.web.pages import Pages
from warmstation_server.web.problems import problem
from warmstation_server.web.reference import from_asyncapi, from_openapi
from warmstation_server.web.rider_reports import RiderReports, page_response
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rooms import add_staff
from warmstation_wire.schema import asyncapi

ASYNCAPI = "/api/v1/asyncapi.json"
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FOR_PROGRAMS = ("/api/", "/feed/", "/healthz", "/readyz", "/metrics")


def create_app(
    *,
    current: Current,
    site: Site,
    feed: Callable[[], Mapping[str, Document]],
    registry: RiderReports,
    history: History,
    metrics: Callable[[], bytes],
    clock: Clock,
    ready: Callable[[], str | None] = lambda: None,
    enrolment: EnrolmentDesk | None = None,
    staff: StaffParts | None = None,
) -> ASGIApp:
    """The ASGI application.

    `feed`: the renderer's newest documents. `ready`: why the server cannot serve yet, or None.
    `staff`: what the pages of those who sign in are made of; None = there are no such pages.
    """
    assets, channels = Assets(STATIC), _channels(clock)

    def openapi() -> dict[str, Any]:
        return behind.openapi()

    references = {
        "/docs/api": lambda: from_openapi(openapi(), "/api/v1/openapi.json"),
        "/docs/mqtt": lambda: from_asyncapi(asyncapi(), ASYNCAPI),
    }
    pages = Pages(current, site, clock, assets, references)
    behind = FastAPI(
        title="Warmstation",
        version="1",
        description="Rest stations for riders: where they are and how they are, measured.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    behind.include_router(api.router(current, history, clock))
    if enrolment is not None:
        behind.include_router(enrolment_router(enrolment, clock))
    behind.include_router(rider_reports.router(current, registry, pages, clock))
    if staff is not None:
        add_staff(behind, staff, assets)
    _add_health(behind, metrics, ready)
    _add_rest(behind)
    _add_errors(behind, pages)
    return Front(
        (
            lambda path, _: feed().get(path),
            lambda path, _: assets.documents.get(path),
            lambda path, _: channels if path == ASYNCAPI else None,
            pages.find,
        ),
        behind,
    )


def _channels(clock: Clock) -> Document:
    """What is said over MQTT, for programs."""
    return document(
        ASYNCAPI,
        json.dumps(asyncapi(), ensure_ascii=False).encode(),
        media_type="application/json",
        changed_at=clock.now(),
        cache_control="no-cache",
        headers=((b"access-control-allow-origin", b"*"),),
    )


def _add_health(
    app: FastAPI, metrics: Callable[[], bytes], ready: Callable[[], str | None]
) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        reason = ready()
        if reason is None:
            return PlainTextResponse("ready\n", headers={"cache-control": "no-store"})
        return problem(503, reason)

    @app.get("/metrics", include_in_schema=False)
    def metrics_now() -> Response:
        return Response(metrics(), media_type=METRICS_TYPE)


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
