"""The whole web face of a server, put together. `serve` calls create_app, once.

What riders read is here, as finished bytes; what FastAPI answers is loaded when it is needed, or
when `prepare` is called.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from warmstation_dashboards.resources import STATIC
from warmstation_server.clock import Clock
from warmstation_server.history import History
from warmstation_server.publish.documents import Document, document
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Current
from warmstation_server.web.assets import Assets
from warmstation_server.web.front import Front
from warmstation_server.web.health import Health
from warmstation_server.web.later import Later
from warmstation_server.web.pages import Pages
from warmstation_server.web.reference import Reference, from_asyncapi, from_openapi
from warmstation_server.web.rooms import Rooms

if TYPE_CHECKING:
    from fastapi import FastAPI

    from warmstation_server.web.enrolment import EnrolmentDesk
    from warmstation_server.web.rider_reports import RiderReports
    from warmstation_server.web.staff.parts import StaffParts

ASYNCAPI = "/api/v1/asyncapi.json"


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
    enrolment: Callable[[], EnrolmentDesk] | None = None,
    staff: StaffParts | None = None,
) -> Front:
    """The ASGI application.

    `feed`: the renderer's newest documents. `ready`: why the server cannot serve yet, or None.
    `staff`: what the pages of those who sign in are made of; None = there are no such pages.
    """
    assets = Assets(STATIC)
    rooms = Rooms(current, registry, history, clock, assets, enrolment, staff)
    behind = Later(lambda: _behind(rooms, pages))
    pages = Pages(current, site, clock, assets, _references(lambda: behind.built().openapi()))
    channels = cache(lambda: _channels(clock))
    return Front(
        (
            lambda path, _: feed().get(path),
            lambda path, _: assets.documents.get(path),
            Health(metrics, ready, clock).find,
            lambda path, _: channels() if path == ASYNCAPI else None,
            pages.find,
        ),
        behind,
    )


def _behind(rooms: Rooms, pages: Pages) -> FastAPI:
    from warmstation_server.web.behind import create_behind

    return create_behind(rooms, pages)


def _references(openapi: Callable[[], dict[str, Any]]) -> Mapping[str, Callable[[], Reference]]:
    """The pages that show what programs may ask for."""

    def api() -> Reference:
        return from_openapi(openapi(), "/api/v1/openapi.json")

    def mqtt() -> Reference:
        from warmstation_wire.schema import asyncapi

        return from_asyncapi(asyncapi(), ASYNCAPI)

    return {"/docs/api": api, "/docs/mqtt": mqtt}


def _channels(clock: Clock) -> Document:
    """What is said over MQTT, for programs."""
    from warmstation_wire.schema import asyncapi

    return document(
        ASYNCAPI,
        json.dumps(asyncapi(), ensure_ascii=False).encode(),
        media_type="application/json",
        changed_at=clock.now(),
        cache_control="no-cache",
        headers=((b"access-control-allow-origin", b"*"),),
    )
