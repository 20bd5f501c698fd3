"""/audit: who did what, when; before and after. Only what lies within the visitor's scope."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query
from fastapi.responses import Response

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.role import Right
from warmstation_server.web.staff.choices import name_of
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.reading import NAMES, Change, Reading
from warmstation_server.web.staff.visit import Visit

ON_A_PAGE = 50
MOST_READ = 20_000
"""Lines looked through for one page: somebody with a small scope does not read the whole log."""


class Line(NamedTuple):
    """A line as it is shown. `changes`: what, before, after. `is_name`: the subject is one."""

    at: datetime
    when: str
    by: str
    action: str
    subject: str
    is_name: bool
    where: str
    changes: tuple[Change, ...]


def router(parts: StaffParts) -> APIRouter:
    """The log, the newest first."""
    routes = APIRouter()

    @routes.get("/audit")
    def log(
        visit: Annotated[Visit, enter(Right.AUDIT_READ)],
        by: Annotated[str, Query(max_length=100)] = "",
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    ) -> Response:
        found, more = _seen(visit, by.strip(), before)
        is_cut = more is not None and len(found) < ON_A_PAGE
        return visit.page(
            "staff/audit.html",
            lines=_lines(visit, found),
            by=by,
            more=more,
            is_cut=is_cut,
            names=NAMES,
            seal=visit.parts.registry.audit.newest_seal(),
        )

    return routes


def _seen(visit: Visit, by: str, before: int | None) -> tuple[list[Entry], int | None]:
    """A page of lines, and the number below which there may be more; None at the log's end."""
    found: list[Entry] = []
    entries = visit.parts.registry.audit.newest(before)
    for count, entry in enumerate(entries):
        if count == MOST_READ or len(found) == ON_A_PAGE:
            return found, before
        before = entry.number
        if by in ("", entry.by) and all(visit.within(node) for node in entry.places):
            found.append(entry)
    return found, None


def _lines(visit: Visit, entries: Iterable[Entry]) -> list[Line]:
    people = {one.login: one.name for one in visit.parts.registry.people.all()}
    reading, between = Reading(visit, people), "、" if visit.language == "zh-CN" else ", "
    return [
        Line(
            one.at,
            reading.at(one.at),
            reading.who(one.by),
            one.action,
            reading.subject(one),
            reading.is_name(one),
            between.join(name_of(visit, node) for node in one.places),
            tuple(reading.changes(one)),
        )
        for one in entries
    ]
