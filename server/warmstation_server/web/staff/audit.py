"""/audit: who did what, when; before and after. Only what lies within the visitor's scope."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query
from fastapi.responses import Response

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.role import Right
from warmstation_server.web.staff.choices import name_of
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit
from warmstation_server.web.words import Words

ON_A_PAGE = 50
MOST_READ = 20_000
"""Lines looked through for one page: somebody with a small scope does not read the whole log."""


class Line(NamedTuple):
    """A line as it is shown. `changes`: what, before, after."""

    at: datetime
    by: str
    action: str
    subject: str
    where: str
    changes: tuple[tuple[str, str, str], ...]


def router(parts: StaffParts) -> APIRouter:
    """The log, the newest first."""
    routes = APIRouter()

    @routes.get("/audit")
    def log(
        visit: Annotated[Visit, enter(Right.AUDIT_READ)],
        by: Annotated[str, Query(max_length=100)] = "",
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    ) -> Response:
        seen = _seen(visit, by.strip(), before)
        found = list(islice(seen, ON_A_PAGE + 1))
        more = found[ON_A_PAGE - 1].number if len(found) > ON_A_PAGE else None
        lines = [_line(visit, entry) for entry in found[:ON_A_PAGE]]
        return visit.page("staff/audit.html", lines=lines, by=by, more=more)

    return routes


def _seen(visit: Visit, by: str, before: int | None) -> Iterator[Entry]:
    entries = visit.parts.registry.audit.newest(before)
    for entry in islice(entries, MOST_READ):
        is_theirs = all(visit.within(node) for node in entry.places)
        if is_theirs and by in ("", entry.by):
            yield entry


def _line(visit: Visit, entry: Entry) -> Line:
    where = "、" if visit.language == "zh-CN" else ", "
    names = where.join(name_of(visit, node) for node in entry.places)
    changes = tuple(changes_of(entry.before, entry.after, visit.words))
    return Line(entry.at, entry.by, entry.action, entry.subject, names, changes)


def changes_of(before: Any, after: Any, words: Words) -> Iterator[tuple[str, str, str]]:
    """What differs: by key where both are objects (or one is missing), else as a whole."""
    if isinstance(before, dict | None) and isinstance(after, dict | None):
        was, is_now = before or {}, after or {}
        for key in dict.fromkeys((*was, *is_now)):
            if was.get(key) != is_now.get(key):
                yield key, _shown(was.get(key), words), _shown(is_now.get(key), words)
    elif before != after:
        yield "", _shown(before, words), _shown(after, words)


def _shown(value: Any, words: Words) -> str:
    """As people write it; nothing where there was nothing."""
    match value:
        case None:
            return ""
        case bool():
            return words("yes" if value else "no")
        case str():
            return value
        case list():
            return " · ".join(_shown(one, words) for one in value) or "–"
        case _:
            return json.dumps(value, ensure_ascii=False)
