"""/api/v1: stations and regions renamed, moved, retired, brought back; with a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from warmstation_server.accounts.role import Right
from warmstation_server.history.errors import HistoryAway
from warmstation_server.registry import BadPlace, StillNeeded
from warmstation_server.web.manage import registering
from warmstation_server.web.manage.registering import REGION, STATION, Kind
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Registering = Annotated[Visit, enter(Right.STATIONS_REGISTER)]


class StationChange(BaseModel):
    """Columns as in an import; what is not given stays. `lat` and `lon` go together, in WGS-84."""

    model_config = ConfigDict(extra="forbid")

    name_zh: str | None = None
    name_en: str | None = None
    region: str | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    hours: str | None = None
    capacity: int | None = None
    contact_phone: str | None = None


class RegionChange(BaseModel):
    """Columns as in an import; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    name_zh: str | None = None
    name_en: str | None = None
    parent: str | None = None


class Retirement(BaseModel):
    """`last_day`: today unless given; not one to come."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=200)
    last_day: date | None = None


class Return(BaseModel):
    """`first_day`: today unless given; the day after the last one as if it had never been gone."""

    model_config = ConfigDict(extra="forbid")

    first_day: date | None = None


class RetiredEntry(BaseModel):
    """A station that is none any more."""

    station_id: str
    region_id: str
    name_zh: str
    name_en: str | None
    retired_at: datetime
    reason: str


class RetiredList(BaseModel):
    """Those of the token's places, by id."""

    retired: list[RetiredEntry]


def router(parts: StaffParts) -> APIRouter:
    """Every write answers 204; the feed and the pages follow within seconds."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/retired", summary="Stations that are none any more")
    def gone(visit: Registering) -> RetiredList:
        found = [
            RetiredEntry(
                station_id=one.station.id,
                region_id=one.station.region_id,
                name_zh=one.station.name.zh,
                name_en=one.station.name.en,
                retired_at=one.at,
                reason=one.reason,
            )
            for one in visit.retired()
        ]
        return RetiredList(retired=found)

    @routes.patch("/stations/{station}", status_code=204, summary="Rename or move a station")
    def change_station(
        visit: Registering, station: str, asked: Annotated[StationChange | None, Body()] = None
    ) -> None:
        place = visit.station(station)
        _change(visit, parts, "station", place.id, asked, STATION)

    @routes.post("/stations/{station}/retire", status_code=204, summary="End a station")
    def retire(
        visit: Registering, station: str, asked: Annotated[Retirement | None, Body()] = None
    ) -> None:
        place = visit.station(station)
        if asked is None:
            raise HTTPException(422, "give a reason")
        last = asked.last_day
        _done(lambda: registering.retire(visit, parts, place, asked.reason, last))

    @routes.post("/stations/{station}/return", status_code=204, summary="Bring a station back")
    def bring_back(
        visit: Registering, station: str, asked: Annotated[Return | None, Body()] = None
    ) -> None:
        found = registering.retired(visit, station)
        first = None if asked is None else asked.first_day
        _done(lambda: registering.bring_back(visit, parts, found, first))

    @routes.delete(
        "/stations/{station}", status_code=204, summary="Remove a station that never reported"
    )
    def remove_station(visit: Registering, station: str) -> None:
        place = visit.station(station)
        _done(lambda: registering.remove_station(visit, parts, place))

    @routes.patch("/regions/{region}", status_code=204, summary="Rename or move a region")
    def change_region(
        visit: Registering, region: str, asked: Annotated[RegionChange | None, Body()] = None
    ) -> None:
        place = visit.region(region)
        _change(visit, parts, "region", place.id, asked, REGION)

    @routes.delete(
        "/regions/{region}", status_code=204, summary="Remove a region that nothing ever lay in"
    )
    def remove_region(visit: Registering, region: str) -> None:
        place = visit.region(region)
        _done(lambda: registering.remove_region(visit, parts, place))

    return routes


def _change(
    visit: Visit,
    parts: StaffParts,
    kind: Kind,
    key: str,
    asked: BaseModel | None,
    columns: tuple[str, ...],
) -> None:
    values: dict[str, Any] = {} if asked is None else asked.model_dump(exclude_unset=True)
    values = registering.given(values, columns)
    if not values:
        raise HTTPException(422, f"give any of {', '.join(columns)}")
    faults = registering.change(visit, parts, kind, key, values)
    if faults:
        raise HTTPException(422, "; ".join(f"{one.column} {one.reason}" for one in faults))


def _done(deed: Callable[[], object]) -> None:
    """409 where something stands against it, in a sentence."""
    try:
        deed()
    except StillNeeded as error:
        raise HTTPException(409, str(error)) from error
    except BadPlace as error:
        raise HTTPException(422, str(error)) from error
    except HistoryAway as away:
        raise HTTPException(503, "the history cannot be read now; try again later") from away
