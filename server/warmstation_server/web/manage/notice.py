"""/manage/stations/{station}/notice: a sheet for the door, with what is promised and a code."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.web.boards.qr import qr
from warmstation_server.web.hours_words import hours_in_words
from warmstation_server.web.languages import path_in
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Looking = Annotated[Visit, enter(Right.STATIONS_READ)]


def router(parts: StaffParts) -> APIRouter:
    """The sheet, in the language of the page."""
    routes = APIRouter()

    @routes.get("/manage/stations/{station}/notice")
    def sheet(visit: Looking, station: str) -> Response:
        place, words = visit.station(station), visit.words
        address = parts.site.url(path_in(visit.language, f"/stations/{place.id}"))
        facilities = (name for name in place.facilities if name not in place.supplies)
        return visit.page(
            "manage/notice.html",
            station=place,
            posted=hours_in_words(place.hours, words),
            things=[
                *(words.name_of("item", name) for name in place.supplies),
                *(words.name_of("facility", name) for name in facilities),
            ],
            address=address,
            is_local=is_local(address),
            qr=qr(address),
            today=visit.now.astimezone(ZoneInfo(place.zone)).date(),
        )

    return routes


def is_local(address: str) -> bool:
    """Whether only the server itself can reach it: a code that leads riders nowhere."""
    host = urlsplit(address).hostname or "localhost"
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
