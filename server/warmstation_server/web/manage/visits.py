"""Visits of a station by method: the sensor's, those of the code at the wall, those of staff.

Three columns that are never added up.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import at_station
from warmstation_server.places import Station
from warmstation_server.visits import MOST, VisitCount, by_day
from warmstation_server.web.boards.qr import qr
from warmstation_server.web.manage.when import day
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rendering import PRIVATE
from warmstation_server.web.staff.visit import Visit

Looking = Annotated[Visit, enter(Right.STATIONS_READ)]
Counting = Annotated[Visit, enter(Right.VISITS_COUNT)]
Taking = Annotated[Visit, enter(Right.EXPORTS_MAKE)]
DAYS = 31
COLUMNS = ("station", "day", "method", "visits")


class Day(NamedTuple):
    """Visits of a local day by method; None where nobody counted that way."""

    day: date
    sensor: int | None
    qr: int | None
    manual: int | None


def router(parts: StaffParts) -> APIRouter:
    """The table, the form, the file, the code to print."""
    routes = APIRouter()

    @routes.get("/manage/stations/{station}/visits")
    def shown(visit: Looking, station: str) -> Response:
        return _page(visit, parts, visit.station(station))

    @routes.post("/manage/stations/{station}/visits")
    def count(visit: Counting, station: str) -> Response:
        place = visit.station(station)
        counted = _counted(visit, place)
        if counted is None:
            return _page(visit, parts, place, "visits.wrong", 422)
        told = {"visits": counted.visits, "day": f"{counted.start:%Y-%m-%d}", "note": counted.note}
        where = at_station(place.id)
        entry = visit.entry("visits.counted", place.id, None, told, place=where)
        parts.registry.visits.add(counted, entry)
        return visit.go(f"/manage/stations/{station}/visits")

    @routes.get("/manage/stations/{station}/visits.csv")
    def file(visit: Taking, station: str) -> Response:
        place = visit.station(station)
        text = _csv(place, days(visit, parts, place))
        told = {"content-disposition": f'attachment; filename="visits-{place.id}.csv"'}
        return Response(text, 200, {**PRIVATE, **told}, media_type="text/csv; charset=utf-8")

    @routes.get("/manage/stations/{station}/checkin")
    def sheet(visit: Looking, station: str) -> Response:
        place = visit.station(station)
        code = parts.registry.visits.code(place.id)
        address = f"{parts.site.base_url}/checkin/{place.id}/{code}"
        return visit.page(
            "manage/checkin_sheet.html", station=place, qr=qr(address), address=address
        )

    return routes


def days(visit: Visit, parts: StaffParts, place: Station) -> list[Day]:
    """The last month, the newest day first."""
    zone = ZoneInfo(parts.site.zone)
    today = visit.now.astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    start = _midnight(first, zone)
    end = _midnight(today + timedelta(days=1), zone)
    usage = parts.history.usage([place.id], start, end, "day").get(place.id, [])
    sensor = {one.start.astimezone(zone).date(): one.visits for one in usage if one.counter_s}
    counted = by_day(parts.registry.visits.between([place.id], start, end), zone)
    every = [today - timedelta(days=number) for number in range(DAYS)]
    return [
        Day(
            one,
            sensor.get(one),
            counted.get((place.id, one, "qr")),
            counted.get((place.id, one, "manual")),
        )
        for one in every
    ]


def _midnight(at: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(at, time(), zone).astimezone(UTC)


def _counted(visit: Visit, place: Station) -> VisitCount | None:
    form, zone = visit.form, ZoneInfo(place.zone)
    visits, at = form.whole("visits"), day(form.text("day"))
    today = visit.now.astimezone(zone).date()
    if visits is None or not 0 <= visits <= MOST or at is None:
        return None
    if not today - timedelta(days=DAYS) < at <= today:
        return None
    start, end = _midnight(at, zone), min(_midnight(at + timedelta(days=1), zone), visit.now)
    login, note = visit.person.login, form.text("note", 200)
    return VisitCount(place.id, "manual", visits, start, end, login, note)


def _page(
    visit: Visit, parts: StaffParts, place: Station, wrong: str = "", status: int = 200
) -> Response:
    return visit.page(
        "manage/visits.html",
        status=status,
        station=place,
        days=days(visit, parts, place),
        today=visit.now.astimezone(ZoneInfo(place.zone)).date(),
        wrong=wrong,
        may_count=visit.may(Right.VISITS_COUNT),
        may_take=visit.may(Right.EXPORTS_MAKE),
    )


def _csv(place: Station, found: list[Day]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_lines(place, found))
    return text.getvalue()


def _lines(place: Station, found: list[Day]) -> Iterator[tuple[str, str, str, int]]:
    """A line for each method that counted on that day: what was not counted is not 0."""
    for one in reversed(found):
        for method in ("sensor", "qr", "manual"):
            visits: int | None = getattr(one, method)
            if visits is not None:
                yield place.id, one.day.isoformat(), method, visits
