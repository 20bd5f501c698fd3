"""The pages of figures: everything at once, and the evidence of one station."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.exports.wanted import FORMS
from warmstation_server.history.errors import HistoryAway
from warmstation_server.registry import RegistryAway
from warmstation_server.usage.day import HourCount
from warmstation_server.usage.district import District
from warmstation_server.usage.metric import BY_KEY, METRICS
from warmstation_server.usage.recorded import RANKED
from warmstation_server.web.district.asked import asked, choices, presets
from warmstation_server.web.district.beside import beside
from warmstation_server.web.district.view import COLUMNS, facts
from warmstation_server.web.hours_words import hours_in_words
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Reading = Annotated[Visit, enter(Right.USAGE_READ)]


def router(parts: StaffParts) -> APIRouter:
    """None of it where nobody counts."""
    routes = APIRouter()
    district = parts.district
    if district is None:
        return routes

    @routes.get("/district")
    def figures(request: Request, visit: Reading) -> Response:
        wanted = asked(visit, request.query_params)
        try:
            answer = district.answer(
                wanted.stations,
                wanted.regions,
                wanted.period,
                visit.now,
                wanted.region,
                waits=False,
            )
        except (HistoryAway, RegistryAway) as away:
            raise HTTPException(503) from away
        regions, hosts = choices(visit)
        return visit.page(
            "district/figures.html",
            asked=wanted,
            answer=answer,
            regions=regions,
            hosts_known=hosts,
            presets=presets(),
            metrics=METRICS,
            ranks=RANKED.values(),
            columns=COLUMNS,
            forms=FORMS if visit.may(Right.EXPORTS_MAKE) and parts.exports else (),
            shown=facts(answer, wanted, _today(visit, district), visit.words),
        )

    @routes.get("/district/stations/{station}")
    def evidence(request: Request, visit: Reading, station: str) -> Response:
        place = visit.known(station)
        wanted = asked(visit, request.query_params)
        day = _day(request.query_params.get("day", ""), wanted.period.first, wanted.period.last)
        try:
            hours = [] if day is None else district.hours(place, day, visit.now)
            days = district.days(station, wanted.period)
            other = request.query_params.get("with", "")
            places = (place, visit.tree.known(other)) if visit.sees(other) else (place,)
            if other and len(places) == 1:
                wanted = replace(wanted, wrong={**wanted.wrong, "with": ""})
            trend = BY_KEY[wanted.trend]
            today = _today(visit, district)
            shown = beside(district, places, wanted.period, trend, today, visit.words)
        except HistoryAway as away:
            raise HTTPException(503) from away
        return visit.page(
            "district/evidence.html",
            asked=wanted,
            station=place,
            posted=hours_in_words(place.hours, visit.words),
            days=days,
            today=today,
            day=day,
            hours=[(hour.start.astimezone(district.zone), hour) for hour in hours],
            added=_added(hours),
            beside=shown,
            other_station=other,
            others=[one for one in visit.stations() if one.id != station],
            metrics=METRICS,
        )

    return routes


def _today(visit: Visit, district: District) -> date:
    return visit.now.astimezone(district.zone).date()


def _day(text: str, first: date, last: date) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if first <= day <= last else None


def _added(hours: list[HourCount]) -> dict[str, float]:
    """The last line: what the hours make together."""
    usages = [hour.usage for hour in hours]
    return {
        "posted": sum(hour.posted_ms for hour in hours) / 60_000,
        "watched": sum(usage.watched_s for usage in usages) / 60,
        "signs": sum(usage.signs for usage in usages),
        "visits": sum(usage.visits for usage in usages),
        "warm": sum(usage.warm_s for usage in usages) / 60,
        "reports": sum(usage.reports for usage in usages),
    }
