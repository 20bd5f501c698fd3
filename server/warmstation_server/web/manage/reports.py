"""What riders reported about a station: answer it, merge it into an alert, dismiss it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import at_station
from warmstation_server.alerts.action import Comment
from warmstation_server.alerts.errors import UnknownAlert
from warmstation_server.alerts.state import AlertState
from warmstation_server.places import Station
from warmstation_server.registry import RiderReport
from warmstation_server.registry.report_desk import Settled
from warmstation_server.web.alerts.deeds import told
from warmstation_server.web.alerts.facts import alert_title
from warmstation_server.web.manage.hand import settle
from warmstation_server.web.manage.station_facts import standing
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Reading = Annotated[Visit, enter(Right.REPORTS_READ)]
Answering = Annotated[Visit, enter(Right.REPORTS_ANSWER)]
SHOWN = 50
FITTING = {"cold": "heating.", "locked": "station.", "empty": "supplies.", "broken": "chargers."}
"""Alerts that a kind of report is most likely about: offered first."""


def router(parts: StaffParts) -> APIRouter:
    """The list, and what is done with one."""
    routes = APIRouter()

    @routes.get("/manage/stations/{station}/reports")
    def all_of(visit: Reading, station: str) -> Response:
        return _page(visit, parts, visit.station(station))

    @routes.post("/manage/stations/{station}/reports/{report}")
    def deal_with(visit: Answering, station: str, report: int) -> Response:
        place = visit.station(station)
        found = parts.registry.report_desk.get(report)
        if found is None or found.station_id != place.id:
            raise HTTPException(404)
        if wrong := _settle(visit, parts, found):
            return _page(visit, parts, place, wrong, 422, refused=report)
        return visit.go(f"/manage/stations/{station}/reports")

    return routes


def _settle(visit: Visit, parts: StaffParts, report: RiderReport) -> str:
    form, answer = visit.form, visit.form.text("answer")
    done: Settled
    alert: AlertState | None = None
    match form.text("do"):
        case "answer" if answer:
            done = "answered"
        case "merge":
            done, alert = "merged", _alert(parts, report, form.text("alert", 40))
            if alert is None:
                return "reports.wrong.alert"
        case "dismiss":
            done = "dismissed"
        case _:
            return "reports.wrong.answer"
    if alert is not None and not _merged(visit, parts, report, alert):
        return "reports.wrong.alert"
    merged = {"alert": alert.name, "about": alert.subject} if alert else {}
    after = {"kind": report.kind, "state": done, "answer": answer, **merged}
    before = {"state": report.state, "answer": report.answer}
    subject, where = f"report {report.id}", at_station(report.station_id)
    parts.registry.report_desk.settle(
        report.id,
        done,
        by=visit.person.login,
        now=visit.now,
        answer=answer,
        alert_id=alert.id if alert else None,
        audit=visit.entry(f"report.{done}", subject, before, after, place=where),
    )
    return ""


def _merged(visit: Visit, parts: StaffParts, report: RiderReport, alert: AlertState) -> bool:
    """Say it at the alert first: where the server ends in between, the report still waits.

    Once: what was said there before, by whomever, stays.
    """
    if (report.state, report.alert_id) == ("merged", alert.id):
        return True
    text = f"{visit.words(f'kind.{report.kind}')}: {report.text}".rstrip(": ")
    said = Comment(visit.person.login, text)
    try:
        settle(parts.desk.ask(alert.id, said, told(visit, "commented", said)))
    except UnknownAlert:
        return False
    return True


def _alert(parts: StaffParts, report: RiderReport, asked: str) -> AlertState | None:
    open_ones = standing(parts.registry.alerts.newest(report.station_id, is_open=True))
    return next((one for one in open_ones if one.id == asked), None)


def _page(
    visit: Visit,
    parts: StaffParts,
    place: Station,
    wrong: str = "",
    status: int = 200,
    *,
    refused: int | None = None,
) -> Response:
    alerts = standing(parts.registry.alerts.newest(place.id, is_open=True))
    return visit.page(
        "manage/reports.html",
        status=status,
        place=f"/manage/stations/{place.id}/reports",
        station=place,
        refused=refused,
        reports=parts.registry.rider_reports(place.id, SHOWN),
        alerts_for=lambda kind: sorted(
            alerts, key=lambda one: not one.name.startswith(FITTING.get(kind, " "))
        ),
        title=lambda one: alert_title(one, visit.words),
        wrong=wrong,
        may_answer=visit.may(Right.REPORTS_ANSWER),
    )
