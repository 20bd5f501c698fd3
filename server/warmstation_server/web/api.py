"""The API for programs: /api/v1. The open feed is cheaper where it is enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator
from starlette.concurrency import run_in_threadpool

from warmstation_server.clock import Clock
from warmstation_server.history import History, Point
from warmstation_server.history.errors import HistoryAway
from warmstation_server.places import lineage
from warmstation_server.publish import feed, models
from warmstation_server.snapshot import Current, Snapshot
from warmstation_wire import StationStatus
from warmstation_wire.status import DataState

MAX_POINTS = 3_000
RAW_SPAN = timedelta(days=2)
"""Without a window, every report is a point: about one a minute."""


Window = Annotated[
    timedelta,
    BeforeValidator(lambda given: float(given) if str(given).isdecimal() else given),
    Query(description="the length of a bucket: seconds, or ISO 8601 such as PT15M"),
]


class StationEntry(BaseModel):
    """A station as registered and as it is now."""

    information: models.StationInformation
    status: StationStatus | None


class StationList(BaseModel):
    """Stations that fit, by id."""

    taken_at: datetime
    total: int
    stations: list[StationEntry]


class RegionList(BaseModel):
    """The region tree, flat."""

    regions: tuple[models.RegionEntry, ...]


class Series(BaseModel):
    """A station's measurements, rising in time. `window_s` None = as measured."""

    station_id: str
    start: datetime
    end: datetime
    window_s: float | None
    points: list[Point]


def router(current: Current, history: History, clock: Clock) -> APIRouter:
    """All addresses under /api/v1."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/stations", summary="All stations, or those that fit")
    def stations(
        region: Annotated[str | None, Query(max_length=64)] = None,
        is_open: bool | None = None,
        data_state: DataState | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> StationList:
        snapshot = current.get()
        found = [
            station
            for station in sorted(snapshot.stations)
            if _fits(snapshot, station, region, is_open, data_state)
        ]
        entries = [_entry(snapshot, station) for station in found[offset : offset + limit]]
        return StationList(taken_at=snapshot.at, total=len(found), stations=entries)

    @routes.get("/stations/{station_id}", summary="One station")
    def station(station_id: str) -> StationEntry:
        return _entry(_known(current, station_id), station_id)

    @routes.get("/stations/{station_id}/series", summary="What a station measured over time")
    async def series(
        station_id: str,
        start: AwareDatetime | None = None,
        end: AwareDatetime | None = None,
        window: Window | None = None,
    ) -> Series:
        _known(current, station_id)
        until = end or clock.now()
        since = start or until - timedelta(days=1)
        if reason := too_much(since, until, window):
            raise HTTPException(422, reason)
        try:
            points = await run_in_threadpool(history.series, station_id, since, until, window)
        except HistoryAway as away:
            raise HTTPException(503, "the history cannot be read now; try again later") from away
        return Series(
            station_id=station_id,
            start=since,
            end=until,
            window_s=window.total_seconds() if window else None,
            points=points,
        )

    @routes.get("/regions", summary="The region tree")
    def regions() -> RegionList:
        found = current.get().regions.values()
        return RegionList(regions=tuple(feed.region_entry(region) for region in found))

    return routes


def too_much(start: datetime, end: datetime, window: timedelta | None) -> str | None:
    """Why a span cannot be answered, in a sentence; None where it can."""
    if start >= end:
        return "start must be before end"
    if window is None:
        return None if end - start <= RAW_SPAN else "ask for at most 2 days, or give a window"
    if window < timedelta(minutes=1):
        return "window must be at least 60 seconds"
    return None if (end - start) / window <= MAX_POINTS else f"more than {MAX_POINTS} points"


def _known(current: Current, station: str) -> Snapshot:
    snapshot = current.get()
    if station not in snapshot.stations:
        raise HTTPException(404, f"there is no station {station[:64]!r}")
    return snapshot


def _entry(snapshot: Snapshot, station: str) -> StationEntry:
    return StationEntry(
        information=feed.information(snapshot.stations[station]),
        status=snapshot.statuses.get(station),
    )


def _fits(
    snapshot: Snapshot,
    station: str,
    region: str | None,
    is_open: bool | None,
    data_state: DataState | None,
) -> bool:
    status = snapshot.statuses.get(station)
    place = snapshot.stations[station]
    if region and region not in lineage(place.region_id, snapshot.regions):
        return False
    if is_open is not None and (status is None or status.is_open is not is_open):
        return False
    return data_state is None or (status is not None and status.data_state == data_state)
