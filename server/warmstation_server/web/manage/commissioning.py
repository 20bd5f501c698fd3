"""What the installer's `doctor` found when a station was put up, to be read and printed."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.enrolment.record import CommissioningRecord
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit
from warmstation_wire.commissioning import Record

Reading = Annotated[Visit, enter(Right.DEVICES_READ)]
SHOWN = 20
_FIRST_CJK, _LAST_CJK = "\u3400", "\u9fff"


def router(parts: StaffParts) -> APIRouter:
    """The newest record of a station, or an older one by its number."""
    routes = APIRouter()

    @routes.get("/manage/stations/{station}/commissioning")
    def one(visit: Reading, station: str, record: int = 0) -> Response:
        place = visit.station(station)
        kept = parts.registry.enrolments.commissionings(place.id)[:SHOWN]
        chosen = _chosen(kept, record)
        told = Record.model_validate(chosen.record, strict=False) if chosen else None
        return visit.page(
            "manage/commissioning.html",
            station=place,
            kept=kept,
            chosen=chosen,
            told=told,
            counts=Counter(check.verdict for check in told.checks) if told else Counter(),
            written_in=written_in,
        )

    return routes


def written_in(text: str | None) -> str:
    """The language that the installer's doctor spoke; a record does not name it."""
    is_chinese = any(_FIRST_CJK <= letter <= _LAST_CJK for letter in text or "")
    return "zh-CN" if is_chinese else "en"


def _chosen(kept: tuple[CommissioningRecord, ...], number: int) -> CommissioningRecord | None:
    if not number:
        return kept[0] if kept else None
    found = next((one for one in kept if one.id == number), None)
    if found is None:
        raise HTTPException(404)
    return found
