"""/manage/stations: my stations, and each of them in full."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.alerts.state import AlertState
from warmstation_server.hours import BadHours, Hours
from warmstation_server.places import Station
from warmstation_server.status.override import Override
from warmstation_server.usage.day import MARGIN, Span
from warmstation_server.web.alerts.facts import alert_title
from warmstation_server.web.detail import detail
from warmstation_server.web.finding import meant, typed
from warmstation_server.web.manage.curves import REACHES, Reach, bounds, labelled, reach_of, rows
from warmstation_server.web.manage.promises import Measured, broken, measured
from warmstation_server.web.manage.station_facts import (
    MOST,
    held,
    lines,
    standing,
)
from warmstation_server.web.manage.when import LASTS, in_field
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Looking = Annotated[Visit, enter(Right.STATIONS_READ)]
OPEN_ALERTS = 2000
"""Counted at most: a list that long is read by nobody."""


def router(parts: StaffParts) -> APIRouter:
    """The list, and a station."""
    routes = APIRouter()

    @routes.get("/manage/stations")
    def mine(visit: Looking, q: str = "") -> Response:
        asked = typed(q)
        found = meant(visit.stations(), visit.tree.regions, asked)
        shown = lines(
            found,
            parts.current.get(),
            _alerts(visit, parts),
            _reports(visit, parts, found),
            visit.now,
            visit.words,
        )
        return visit.page("manage/stations.html", lines=shown[:MOST], total=len(found), asked=asked)

    @routes.get("/manage/stations/{station}")
    def one(visit: Looking, station: str, span: str = "24h") -> Response:
        return station_page(visit, parts, visit.station(station), span)

    return routes


def station_page(
    visit: Visit,
    parts: StaffParts,
    place: Station,
    span: str = "24h",
    *,
    wrong: str = "",
    status: int = 200,
) -> Response:
    """A station in full; `wrong`: what is wrong with the form that was sent."""
    facts = _facts(visit, parts, place, reach_of(span))
    here = f"/manage/stations/{place.id}"
    return visit.page("manage/station.html", status=status, place=here, wrong=wrong, **facts)


def _facts(visit: Visit, parts: StaffParts, place: Station, reach: Reach) -> dict[str, Any]:
    snapshot, now, zone = parts.current.get(), visit.now, ZoneInfo(place.zone)
    start, end = bounds(reach, now, zone)
    points = parts.history.series(place.id, start, end, reach.window)
    said = said_by_hand(parts, place, now)
    return {
        "station": place,
        "it": detail(place, snapshot, now, visit.words),
        "manual": said,
        "is_behind": said != held(snapshot, place.id, now),
        "reach": reach,
        "reaches": REACHES,
        "curve": labelled(
            rows(points, reach, start, end), lambda at: visit.words.minute(at, place.zone)
        ),
        "promises": _measured(parts, place, (start, end), zone),
        "broken": broken(place, snapshot.statuses.get(place.id)),
        "lasts": LASTS,
        "earliest": in_field(now + timedelta(minutes=5), zone),
        "alerts": _open_alerts(visit, parts, place),
        "alert_title": lambda one: alert_title(one, visit.words),
        "waiting": parts.registry.report_desk.waiting([place.id]).get(place.id, 0),
        "may_write": visit.may(Right.STATIONS_WRITE),
        "may_read_reports": visit.may(Right.REPORTS_READ),
        "may_read_supplies": visit.may(Right.SUPPLIES_READ),
    }


def said_by_hand(parts: StaffParts, place: Station, now: datetime) -> Override | None:
    """What holds there, a moment before the picture has it."""
    standing = parts.registry.overrides.standing(now)
    return next((one for one in standing if one.station == place.id), None)


def _measured(parts: StaffParts, place: Station, span: Span, zone: ZoneInfo) -> Measured:
    start, end = span[0] - MARGIN, span[1]
    buckets = parts.history.usage([place.id], start, end, "hour").get(place.id, [])
    return measured(place, buckets, _posted(parts, place, start, end), span, zone)


def _posted(parts: StaffParts, place: Station, start: datetime, end: datetime) -> list[Span]:
    if parts.district is not None:
        return parts.district.posted(place, start, end)
    try:
        return list(Hours(place.hours, place.zone).intervals(start, end))
    except BadHours:
        return []


def _alerts(visit: Visit, parts: StaffParts) -> dict[str, int]:
    if not visit.may(Right.ALERTS_READ):
        return {}
    found: dict[str, int] = {}
    for state in standing(parts.registry.alerts.newest(is_open=True, limit=OPEN_ALERTS)):
        found[state.station] = found.get(state.station, 0) + 1
    return found


def _open_alerts(visit: Visit, parts: StaffParts, place: Station) -> list[AlertState]:
    if not visit.may(Right.ALERTS_READ):
        return []
    return standing(parts.registry.alerts.newest(place.id, is_open=True, limit=50))


def _reports(visit: Visit, parts: StaffParts, found: list[Station]) -> dict[str, int]:
    if not visit.may(Right.REPORTS_READ):
        return {}
    return parts.registry.report_desk.waiting([one.id for one in found])
