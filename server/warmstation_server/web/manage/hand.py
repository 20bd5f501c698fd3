"""Opening and closing a station by hand, and planned work there. Every write is audited."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import at_region, at_station
from warmstation_server.alerts.context import Window, path_of
from warmstation_server.alerts.scene import WHILE_CLOSED, quiet
from warmstation_server.alerts.words import TITLES
from warmstation_server.places import Station, Text
from warmstation_server.status.override import Override
from warmstation_server.web.manage.stations import said_by_hand, station_page
from warmstation_server.web.manage.when import LASTS, LONGEST, in_field, lasting, moment
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Looking = Annotated[Visit, enter(Right.STATIONS_READ)]
Writing = Annotated[Visit, enter(Right.STATIONS_WRITE)]
KINDS = ("all", "heating", "chargers", "supplies", "station")
PATIENCE_S = 3.0
"""The desk answers with its next turn, a second away; where it is slower, it still does it."""


def router(parts: StaffParts) -> APIRouter:
    """The forms of both."""
    routes = APIRouter()

    @routes.post("/manage/stations/{station}/hand")
    def by_hand(visit: Writing, station: str) -> Response:
        place = visit.station(station)
        if visit.form.text("word") == "end":
            _take_back(visit, parts, place)
        elif wrong := _say(visit, parts, place):
            return station_page(visit, parts, place, wrong=wrong, status=422)
        return visit.go(f"/manage/stations/{station}#hand")

    @routes.get("/manage/stations/{station}/work")
    def work(visit: Looking, station: str) -> Response:
        return _page(visit, parts, visit.station(station))

    @routes.post("/manage/stations/{station}/work")
    def plan(visit: Writing, station: str) -> Response:
        place = visit.station(station)
        window = _window(visit, place)
        if window is None:
            return _page(visit, parts, place, wrong="work.wrong", status=422)
        entry = _of_work(visit, "work.planned", window, None, _told(window))
        settle(parts.desk.plan(window, entry))
        return visit.go(f"/manage/stations/{station}/work")

    @routes.post("/manage/stations/{station}/work/cancel")
    def cancel(visit: Writing, station: str) -> Response:
        place, asked = visit.station(station), visit.form.text("window", 80)
        window = next((one for one in parts.registry.alerts.windows() if one.id == asked), None)
        if window is not None and window.place in _reaches(visit, place):
            entry = _of_work(visit, "work.cancelled", window, _told(window), None)
            settle(parts.desk.cancel(window.id, entry))
        return visit.go(f"/manage/stations/{station}/work")

    return routes


def settle(future: Future[Any]) -> None:
    """Wait until the desk has it, but not for long."""
    with suppress(TimeoutError):
        future.result(PATIENCE_S)


def _entry(visit: Visit, action: str, place: Station, before: Any, after: Any) -> Entry:
    return visit.entry(action, place.id, before, after, place=at_station(place.id))


def _of_work(visit: Visit, action: str, window: Window, before: Any, after: Any) -> Entry:
    is_station = window.place in visit.tree.stations
    node = at_station(window.place) if is_station else at_region(window.place)
    return visit.entry(action, window.place, before, after, place=node)


def _reaches(visit: Visit, place: Station) -> dict[str, tuple[Text, int]]:
    """Where the visitor may plan work that this station is in: what it is called, how many."""
    found = {place.id: (place.name, 1)}
    for region in path_of(place, visit.tree.regions):
        if visit.covers(region.id):
            node = (at_region(region.id),)
            there = (
                one for one in visit.tree.stations if visit.tree.is_within(at_station(one), node)
            )
            found[region.id] = region.name, sum(1 for _ in there)
    return found


def _say(visit: Visit, parts: StaffParts, place: Station) -> str:
    """Open or close it; the key of what is wrong."""
    form, zone = visit.form, ZoneInfo(place.zone)
    reason, word = form.text("reason", 200), form.text("word")
    spell = lasting(form.text("lasts"))
    until = moment(form.text("until"), zone) or (visit.now + spell if spell else None)
    if word not in ("open", "closed") or not reason:
        return "hand.wrong.reason"
    if until is None or not visit.now < until <= visit.now + LONGEST:
        return "hand.wrong.until"
    said = Override(place.id, word == "open", reason, visit.now, until, visit.person.login)
    before = said_by_hand(parts, place, visit.now)
    action = "station.opened" if said.is_open else "station.closed"
    entry = _entry(visit, action, place, _said(before), _said(said))
    parts.registry.overrides.put(said, entry)
    return ""


def _take_back(visit: Visit, parts: StaffParts, place: Station) -> None:
    held = said_by_hand(parts, place, visit.now)
    entry = _entry(visit, "station.as_posted", place, _said(held), None)
    parts.registry.overrides.end(place.id, visit.now, entry)


def _said(one: Override | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"is_open": one.is_open, "reason": one.reason, "until": one.until.isoformat()}


def _page(
    visit: Visit, parts: StaffParts, place: Station, wrong: str = "", status: int = 200
) -> Response:
    here = {place.id, *(one.id for one in path_of(place, visit.tree.regions))}
    windows = [
        one for one in parts.registry.alerts.windows() if one.place in here and one.end > visit.now
    ]
    said, zone = parts.current.get().overrides.get(place.id), ZoneInfo(place.zone)
    closed = None if said is None or not said.holds(visit.now) else quiet(said)
    windows += [] if closed is None else [closed]
    return visit.page(
        "manage/work.html",
        status=status,
        station=place,
        windows=sorted(windows, key=lambda one: one.start),
        kind_of=_kind_of,
        reaches=_reaches(visit, place),
        kinds=KINDS,
        lasts=LASTS,
        start=in_field(visit.now, zone),
        wrong=wrong,
        may_write=visit.may(Right.STATIONS_WRITE),
    )


def _window(visit: Visit, place: Station) -> Window | None:
    form, zone = visit.form, ZoneInfo(place.zone)
    start = moment(form.text("start"), zone) or visit.now
    spell, kind = lasting(form.text("lasts")), form.text("kind")
    end = moment(form.text("end"), zone) or (start + spell if spell else None)
    where = form.text("where", 80) or place.id
    if end is None or kind not in KINDS or not _is_sound(start, end, visit.now):
        return None
    if where not in _reaches(visit, place):
        return None
    names = () if kind == "all" else tuple(one for one in TITLES if one.startswith(f"{kind}."))
    note, by = form.text("note", 200), visit.person.login
    return Window(uuid4().hex, where, start, end, names, by, note)


def _is_sound(start: datetime, end: datetime, now: datetime) -> bool:
    return now < end and start < end <= start + LONGEST and start <= now + LONGEST


def _kind_of(window: Window) -> str:
    if window.names == WHILE_CLOSED:
        return "hand"
    return window.names[0].partition(".")[0] if window.names else "all"


def _told(window: Window) -> dict[str, Any]:
    return {
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
        "what": _kind_of(window),
        "note": window.note,
    }
