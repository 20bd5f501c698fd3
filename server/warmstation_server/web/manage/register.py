"""A place itself: its name, where it lies, its end. For district staff."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.reported import has_reported
from warmstation_server.places import Region, Retired, Station
from warmstation_server.registry import BadPlace, StillNeeded
from warmstation_server.registry.rows import Fault, columns_of, region_columns_of
from warmstation_server.web.manage import registering
from warmstation_server.web.manage.registering import REGION, STATION, BadDay
from warmstation_server.web.manage.when import day
from warmstation_server.web.staff.choices import regions_to_choose
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Registering = Annotated[Visit, enter(Right.STATIONS_REGISTER)]
GONE = "/manage/retired"
REGIONS = "/manage/regions"
DONE = ("saved", "retired", "returned", "removed")


def router(parts: StaffParts) -> APIRouter:
    """The forms of stations and of regions."""
    routes = APIRouter()

    @routes.get("/manage/stations/{station}/register")
    def shown(visit: Registering, station: str, done: str = "") -> Response:
        return _station_page(visit, parts, visit.station(station), done=done)

    @routes.post("/manage/stations/{station}/register")
    def change(visit: Registering, station: str) -> Response:
        place = visit.station(station)
        values = registering.given({name: visit.form.text(name) for name in STATION}, STATION)
        faults = registering.change(visit, parts, "station", place.id, values)
        if faults:
            return _station_page(visit, parts, place, deed="change", faults=faults)
        return visit.go(f"/manage/stations/{place.id}/register?done=saved")

    @routes.post("/manage/stations/{station}/retire")
    def retire(visit: Registering, station: str) -> Response:
        place, form = visit.station(station), visit.form
        last = day(form.text("last_day"))
        if not form.text("reason") or (form.text("last_day") and last is None):
            return _station_page(visit, parts, place, deed="retire", wrong="register.wrong.reason")
        try:
            registering.retire(visit, parts, place, form.text("reason", 200), last)
        except BadPlace as error:
            is_day = isinstance(error, BadDay)
            wrong = "register.wrong.day" if is_day else "register.wrong.soon"
            return _station_page(visit, parts, place, deed="retire", wrong=wrong)
        return visit.go(f"{GONE}?done=retired")

    @routes.post("/manage/stations/{station}/remove")
    def remove(visit: Registering, station: str) -> Response:
        place = visit.station(station)
        try:
            registering.remove_station(visit, parts, place)
        except StillNeeded:
            return _station_page(visit, parts, place, deed="remove", wrong="register.wrong.kept")
        except HistoryAway as away:
            raise HTTPException(503) from away
        return visit.go(f"{GONE}?done=removed")

    @routes.get(GONE)
    def gone(visit: Registering, done: str = "") -> Response:
        return _gone_page(visit, done=done)

    @routes.post("/manage/retired/{station}")
    def bring_back(visit: Registering, station: str) -> Response:
        found, form = registering.retired(visit, station), visit.form
        try:
            registering.bring_back(visit, parts, found, day(form.text("first_day")))
        except BadPlace as error:
            is_day = isinstance(error, BadDay)
            wrong = "register.wrong.day" if is_day else "register.wrong.soon"
            return _gone_page(visit, wrong=wrong, at=station)
        return visit.go(f"{GONE}?done=returned")

    @routes.get(REGIONS)
    def regions(visit: Registering, done: str = "") -> Response:
        listed = [one for one in regions_to_choose(visit) if one.value != "*"]
        return visit.page("manage/regions.html", regions=listed, done=_done(done))

    @routes.get("/manage/regions/{region}")
    def region(visit: Registering, region: str, done: str = "") -> Response:
        return _region_page(visit, visit.region(region), done=done)

    @routes.post("/manage/regions/{region}")
    def change_region(visit: Registering, region: str) -> Response:
        place = visit.region(region)
        values = registering.given({name: visit.form.text(name) for name in REGION}, REGION)
        faults = registering.change(visit, parts, "region", place.id, values)
        if faults:
            return _region_page(visit, place, deed="change", faults=faults)
        return visit.go(f"/manage/regions/{place.id}?done=saved")

    @routes.post("/manage/regions/{region}/remove")
    def remove_region(visit: Registering, region: str) -> Response:
        place = visit.region(region)
        try:
            registering.remove_region(visit, parts, place)
        except StillNeeded:
            return _region_page(visit, place, deed="remove", wrong="register.wrong.lies")
        return visit.go(f"{REGIONS}?done=removed")

    return routes


def _station_page(
    visit: Visit,
    parts: StaffParts,
    place: Station,
    *,
    deed: str = "",
    wrong: str = "",
    faults: Iterable[Fault] = (),
    done: str = "",
) -> Response:
    """`deed`: which form was refused, `faults`: the columns that are why."""
    wanted = [fault.column for fault in faults]
    known = columns_of(place)
    return visit.page(
        "manage/register.html",
        status=422 if deed else 200,
        place=f"/manage/stations/{place.id}/register",
        station=place,
        columns=_columns(visit, STATION, known, is_refused=deed == "change"),
        regions=_regions(visit, place.region_id),
        bad=wanted,
        deed=deed,
        wrong=wrong or ("register.wrong" if wanted else ""),
        done=_done(done),
        today=visit.now.astimezone(ZoneInfo(place.zone)).date(),
        may_remove=_may_remove(visit, parts, place),
    )


def _may_remove(visit: Visit, parts: StaffParts, place: Station) -> bool:
    try:
        return not has_reported(parts.history, place.id, visit.now)
    except HistoryAway:
        return False


def _region_page(
    visit: Visit,
    place: Region,
    *,
    deed: str = "",
    wrong: str = "",
    faults: Iterable[Fault] = (),
    done: str = "",
) -> Response:
    wanted = [fault.column for fault in faults]
    known = region_columns_of(place)
    return visit.page(
        "manage/region.html",
        status=422 if deed else 200,
        place=f"/manage/regions/{place.id}",
        region=place,
        columns=_columns(visit, REGION, known, is_refused=deed == "change"),
        regions=_regions(visit, place.parent_id or ""),
        bad=wanted,
        deed=deed,
        wrong=wrong or ("register.wrong" if wanted else ""),
        done=_done(done),
    )


def _gone_page(visit: Visit, *, wrong: str = "", at: str = "", done: str = "") -> Response:
    found: list[tuple[Retired, str]] = []
    for one in visit.retired():
        there = one.at.astimezone(ZoneInfo(one.station.zone))
        found.append((one, visit.words.full_date(there.date())))
    return visit.page(
        "manage/retired.html",
        status=422 if wrong else 200,
        place=GONE,
        gone=found,
        wrong=wrong,
        at=at,
        done=_done(done),
        today=visit.now.astimezone(ZoneInfo(visit.parts.site.zone)).date(),
    )


def _columns(
    visit: Visit, names: Iterable[str], known: dict[str, Any], *, is_refused: bool
) -> dict[str, str]:
    """What stands in the fields: what was sent, where that was refused."""
    return {name: visit.form.text(name) if is_refused else str(known[name] or "") for name in names}


def _regions(visit: Visit, own: str) -> list[tuple[str, str]]:
    """Where it may be put: the visitor's regions, and where it is."""
    listed = [one for one in regions_to_choose(visit) if one.value != "*"]
    found = [(one.value.partition(":")[2], "　" * one.depth + one.name) for one in listed]
    if own and own not in {name for name, _ in found}:
        region = visit.tree.regions.get(own)
        found.insert(0, (own, own if region is None else visit.words.text(region.name)))
    return found


def _done(word: str) -> str:
    return f"register.done.{word}" if word in DONE else ""
