"""/manage/stations/{station}/past: what was measured and what happened, in any stretch of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.alerts.context import path_of
from warmstation_server.history.errors import HistoryAway
from warmstation_server.places import Station
from warmstation_server.web.alerts.story_page import names_of
from warmstation_server.web.manage.curves import Row, has_value, labelled, rows
from warmstation_server.web.manage.happenings import (
    Happening,
    of_alerts,
    of_riders,
    of_staff,
    of_supplies,
)
from warmstation_server.web.manage.stretch import KINDS, WEEK, Stretch, stretch
from warmstation_server.web.manage.when import in_field
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.reading import NAMES, Reading
from warmstation_server.web.staff.visit import Visit

Looking = Annotated[Visit, enter(Right.STATIONS_READ)]
SHOWN = 300
"""Lines at most; who wants more looks at less time."""
_RIGHTS = {
    "alert": Right.ALERTS_READ,
    "rider": Right.REPORTS_READ,
    "supply": Right.SUPPLIES_READ,
    "staff": Right.STATIONS_READ,
}
_NONE = timedelta(0)


def router(parts: StaffParts) -> APIRouter:
    """The page."""
    routes = APIRouter()

    @routes.get("/manage/stations/{station}/past")
    def past(request: Request, visit: Looking, station: str) -> Response:
        place = visit.station(station)
        asked = stretch(request.query_params, visit.now, ZoneInfo(place.zone))
        kinds = tuple(kind for kind in KINDS if visit.may(_RIGHTS[kind]))
        wanted = [kind for kind in kinds if asked.kind in ("", kind)]
        found = sorted(_happened(visit, place, asked, wanted), key=lambda one: one.at, reverse=True)
        return visit.page(
            "manage/past.html",
            station=place,
            asked=asked,
            kinds=kinds,
            ways=asked.ways(visit.now),
            happened=found[:SHOWN],
            total=len(found),
            names=NAMES,
            in_field=in_field,
            **_measured(parts, visit, place, asked),
        )

    return routes


def _happened(
    visit: Visit, place: Station, asked: Stretch, kinds: list[str]
) -> Iterator[Happening]:
    registry, words, names = visit.parts.registry, visit.words, names_of(visit)
    span = asked.start, asked.end
    if "alert" in kinds:
        yield from of_alerts(registry.alerts.entries(*span, place.id), names, words)
    if "rider" in kinds:
        reports = of_riders(registry.report_desk.between(place.id, *span), names, words)
        yield from (one for one in reports if asked.start <= one.at < asked.end)
    if "supply" in kinds:
        yield from of_supplies(registry.supplies.between(place.id, *span), names, words)
    if "staff" in kinds:
        reading = Reading(visit, names)
        regions = (one.id for one in path_of(place, visit.tree.regions))
        done = registry.audit.about([*chain([place.id], regions)], *span)
        ours = (
            one
            for one in done
            if (one.subject == place.id or one.action.startswith("work."))
            and (visit.may(Right.DEVICES_READ) or not one.action.startswith("device."))
        )
        yield from of_staff(ours, reading.who, reading.changes, words)


def _measured(parts: StaffParts, visit: Visit, place: Station, asked: Stretch) -> dict[str, Any]:
    """The curve; beside it, where that is wanted, the same a week earlier."""
    start, end = asked.first_step, asked.end
    try:
        now = _rows(parts, place, asked, start, end, _NONE)
        before = _rows(parts, place, asked, start, end, WEEK) if asked.is_beside else []
    except HistoryAway:
        return {"is_away": True, "curve": [], "earlier": [], "is_measured": False}
    said = labelled(now, lambda at: visit.words.minute(at, place.zone))
    is_measured = any(has_value(row) for row in chain(now, before))
    return {"is_away": False, "curve": said, "earlier": before, "is_measured": is_measured}


def _rows(
    parts: StaffParts,
    place: Station,
    asked: Stretch,
    start: datetime,
    end: datetime,
    earlier: timedelta,
) -> list[Row]:
    reach, first, last = asked.reach, start - earlier, end - earlier
    points = parts.history.series(place.id, first, last, reach.window)
    return rows(points, reach, first, last)
