"""Exports from the page: asked for, watched, cancelled, taken away. One's own only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, Response

from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import at_region
from warmstation_server.exports.jobs import Job, Jobs, NoRoom, Note, TooManyJobs
from warmstation_server.exports.wanted import FORMS, MEDIA_TYPES, Wanted
from warmstation_server.web.district.asked import Asked, asked
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rendering import PRIVATE
from warmstation_server.web.staff.visit import Visit

Exporting = Annotated[Visit, enter(Right.EXPORTS_MAKE)]
HERE = "/district/exports"


def router(parts: StaffParts) -> APIRouter:
    """None of it where nobody counts."""
    routes = APIRouter()
    jobs = parts.exports
    if jobs is None:
        return routes

    @routes.get(HERE)
    def mine(visit: Exporting) -> Response:
        return _page(visit, jobs)

    @routes.post(HERE)
    def make(visit: Exporting) -> Response:
        given = {name: visit.form.text(name) for name in visit.form.fields}
        wanted = wanted_of(asked(visit, given), given.get("form", ""), visit.language)
        if wanted is None:
            raise HTTPException(422)
        try:
            jobs.ask(wanted, visit.person.login, noted(visit, "export.asked"))
        except TooManyJobs:
            return _page(visit, jobs, wrong="exports.full", status=429)
        except NoRoom as full:
            raise HTTPException(503) from full
        return visit.go(HERE)

    @routes.post(HERE + "/{job}/cancel")
    def cancel(visit: Exporting, job: str) -> Response:
        own(visit, jobs, job)
        jobs.cancel(job, noted(visit, "export.cancelled"))
        return visit.go(HERE)

    @routes.get(HERE + "/{job}/file")
    def take(visit: Exporting, job: str) -> Response:
        return file_of(jobs, own(visit, jobs, job))

    return routes


def wanted_of(found: Asked, form: str, language: str) -> Wanted | None:
    """What is to be made; None for a kind of file that there is not, without a station, or where
    other figures would be made than were asked for."""
    if found.wrong:
        return None
    names = tuple(one.id for one in found.stations)
    for known in FORMS:
        if form == known and names:
            return Wanted(known, found.period, names, found.region, found.host, language)
    return None


def own(visit: Visit, jobs: Jobs, key: str) -> Job:
    """One's own job, whose stations are all still one's own; else 404."""
    job = jobs.job(key)
    if job is None or job.by != visit.person.login or not all(map(visit.sees, job.wanted.stations)):
        raise HTTPException(404)
    return job


def file_of(jobs: Jobs, job: Job) -> Response:
    """The finished file; 404 until it is done."""
    path = jobs.file(job)
    if path is None:
        raise HTTPException(404)
    media = MEDIA_TYPES[job.wanted.form]
    return FileResponse(path, media_type=media, filename=job.wanted.file_name, headers=PRIVATE)


def noted(visit: Visit, action: str) -> Note:
    """Writes a line of the audit log: of the region, or of the visitor's own places."""

    def note(job: Job) -> None:
        wanted = job.wanted
        places = (at_region(wanted.region),) if wanted.region else visit.person.scope
        told = {"stations": len(wanted.stations)}
        visit.audit(action, wanted.file_name, after=told, places=places)

    return note


def _page(visit: Visit, jobs: Jobs, wrong: str = "", status: int = 200) -> Response:
    mine = [job for job in jobs.of(visit.person.login) if all(map(visit.sees, job.wanted.stations))]
    return visit.page("district/exports.html", jobs=mine, wrong=wrong, status=status)
