"""The same for programs: figures as JSON, exports as jobs. Tokens with usage.read, exports.make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from warmstation_server.accounts.role import Right
from warmstation_server.exports.jobs import Job, NoRoom, State, TooManyJobs
from warmstation_server.history.errors import HistoryAway
from warmstation_server.registry import RegistryAway
from warmstation_server.usage.metric import Figure
from warmstation_server.web.district.asked import Asked, asked
from warmstation_server.web.district.exports import file_of, noted, own, wanted_of
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Reading = Annotated[Visit, enter(Right.USAGE_READ)]
Exporting = Annotated[Visit, enter(Right.EXPORTS_MAKE)]


Figures = Mapping[str, Figure]


class FigureEntry(BaseModel):
    """A figure; `value` null = unknown. `coverage`: the share that was measured.

    `previous`, `last_year`: the same of the period before and of the year before; of the total.
    """

    value: float | None
    coverage: float | None
    previous: float | None = None
    last_year: float | None = None


class UsageEntry(BaseModel):
    """Figures of one station, or of all together (`station_id` null)."""

    station_id: str | None
    figures: dict[str, FigureEntry]


class UsageAnswer(BaseModel):
    """Figures of a period. `counted_at`: how fresh they are. `supplies_counted`: false while the
    ledger of supplies is being added up; what was used is unknown then. `finished`: false while the
    last day is not over, or days are still to be counted.
    """

    first: date
    last: date
    counted_at: datetime | None
    supplies_counted: bool
    finished: bool
    total: UsageEntry
    stations: list[UsageEntry]
    other_counts: dict[str, int]


class ExportRequest(BaseModel):
    """What to make: the same words as the page's address."""

    model_config = ConfigDict(extra="forbid")

    form: Literal["xlsx", "pdf", "csv", "hours"]
    first: date
    last: date
    region: str = ""
    host: str = ""


class ExportEntry(BaseModel):
    """A job. `share`: how much is done, 0 to 1."""

    id: str
    state: State
    share: float
    reason: str
    file_name: str
    size: int


def router(parts: StaffParts) -> APIRouter:
    """None of it where nobody counts."""
    routes = APIRouter(prefix="/api/v1")
    district, jobs = parts.district, parts.exports
    if district is None or jobs is None:
        return routes

    @routes.get("/usage", summary="Figures of a period, by station")
    def usage(request: Request, visit: Reading) -> UsageAnswer:
        wanted = asked(visit, request.query_params)
        _refuse(wanted)
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
            raise HTTPException(503, "figures cannot be read now; try again later") from away
        return UsageAnswer(
            first=wanted.period.first,
            last=wanted.period.last,
            counted_at=answer.counted_at,
            supplies_counted=answer.is_supplied,
            finished=answer.is_finished,
            total=_usage(None, answer.figures, answer.previous_figures, answer.last_year_figures),
            stations=[_usage(line.group.id, line.figures) for line in answer.single],
            other_counts=dict(answer.counts),
        )

    @routes.post("/exports", status_code=202, summary="Make an export")
    def make(asked_for: ExportRequest, visit: Exporting) -> ExportEntry:
        given = {"period": "own", "region": asked_for.region, "host": asked_for.host}
        days = {"first": asked_for.first.isoformat(), "last": asked_for.last.isoformat()}
        found = asked(visit, given | days)
        _refuse(found)
        wanted = wanted_of(found, asked_for.form, visit.language)
        if wanted is None:
            raise HTTPException(422, "there is no station of yours")
        try:
            job = jobs.ask(wanted, visit.person.login, noted(visit, "export.asked"))
        except TooManyJobs as full:
            raise HTTPException(429, str(full)) from full
        except NoRoom as full:
            raise HTTPException(503, str(full)) from full
        return _entry(job)

    @routes.get("/exports/{job}", summary="How far an export is")
    def one(visit: Exporting, job: str) -> ExportEntry:
        return _entry(own(visit, jobs, job))

    @routes.post("/exports/{job}/cancel", summary="Cancel an export")
    def cancel(visit: Exporting, job: str) -> ExportEntry:
        found = own(visit, jobs, job)
        jobs.cancel(job, noted(visit, "export.cancelled"))
        return _entry(jobs.job(job) or found)

    @routes.get("/exports/{job}/file", summary="The finished file", response_class=Response)
    def take(visit: Exporting, job: str) -> Response:
        return file_of(jobs, own(visit, jobs, job))

    return routes


def _refuse(wanted: Asked) -> None:
    """Other figures than those that were asked for would be taken for them."""
    if "days" in wanted.wrong:
        raise HTTPException(422, "give period, or first and last as dates in order")
    for what in ("region", "host"):
        if what in wanted.wrong:
            raise HTTPException(422, f"{what}: there is none like that among your stations")


def _usage(
    station: str | None, now: Figures, previous: Figures | None = None, year: Figures | None = None
) -> UsageEntry:
    found = {
        key: FigureEntry(
            value=one.value,
            coverage=one.coverage,
            previous=None if previous is None else previous[key].value,
            last_year=None if year is None else year[key].value,
        )
        for key, one in now.items()
    }
    return UsageEntry(station_id=station, figures=found)


def _entry(job: Job) -> ExportEntry:
    return ExportEntry(
        id=job.id,
        state=job.state,
        share=job.share,
        reason=job.reason,
        file_name=job.wanted.file_name,
        size=job.size,
    )
