"""A rider says what is wrong at a station: the form's POST, without login and without JavaScript.

Nothing of the sender is shown or kept for good but what was written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from warmstation_server.clock import Clock
from warmstation_server.publish.documents import Document
from warmstation_server.registry import (
    KINDS,
    RegistryAway,
    ReportKind,
    TooManyReports,
    UnknownStation,
)
from warmstation_server.registry.reports import MAX_TEXT
from warmstation_server.snapshot import Current
from warmstation_server.web.facts import Draft
from warmstation_server.web.languages import language_of
from warmstation_server.web.pages import Pages

MAX_FORM_BYTES = 8 * 1024
HONEYPOT = "website"
"""A field that people do not see; what fills it in is a program."""


class RiderReports(Protocol):
    """Keeps what riders report; the registry is one."""

    def add_rider_report(
        self,
        station: str,
        kind: ReportKind,
        text: str,
        *,
        language: str,
        client_address: str,
        now: datetime,
    ) -> object:
        """Store one report for good. May block; called in a worker thread.

        UnknownStation; TooManyReports from one address; RegistryAway.
        """
        ...


def router(current: Current, reports: RiderReports, pages: Pages, clock: Clock) -> APIRouter:
    """The two addresses of the form, one a language."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/stations/{station}/report")
    @routes.post("/en/stations/{station}/report")
    async def send(request: Request, station: str) -> Response:
        if station not in current.get().stations:
            raise HTTPException(404)
        if not is_own_page(request):
            raise HTTPException(403)
        form = await _form(request)
        path = request.url.path
        draft = Draft(kind=form.get("kind", ""), text=form.get("text", "").strip())
        if form.get(HONEYPOT):
            return _thanks(path)
        if error := fault_of(draft):
            return _again(pages, station, path, draft, error, 422)
        try:
            await run_in_threadpool(_store, reports, station, draft, request, clock.now())
        except TooManyReports:
            return _again(pages, station, path, draft, "form.too_often", 429)
        except RegistryAway:
            return _again(pages, station, path, draft, "form.away", 503)
        except UnknownStation:
            raise HTTPException(404) from None
        return _thanks(path)

    return routes


def fault_of(draft: Draft) -> str | None:
    """What is wrong with a draft, as a catalogue key."""
    if draft.kind not in KINDS:
        return "form.no_kind"
    if draft.kind == "other" and not draft.text:
        return "form.no_text"
    return "form.too_long" if len(draft.text) > MAX_TEXT else None


def is_own_page(request: Request) -> bool:
    """Whether the form came from our own page: Sec-Fetch-Site, else Origin, else Referer."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    sender = request.headers.get("origin") or request.headers.get("referer")
    return sender is None or urlsplit(sender).netloc == request.headers.get("host")


def _store(
    reports: RiderReports, station: str, draft: Draft, request: Request, now: datetime
) -> None:
    kind = next(kind for kind in KINDS if kind == draft.kind)
    reports.add_rider_report(
        station,
        kind,
        draft.text,
        language=language_of(request.url.path)[0],
        client_address=request.client.host if request.client else "",
        now=now,
    )


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413)
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20)
    except (ValueError, UnicodeDecodeError):
        raise HTTPException(400) from None
    return {name: values[-1].replace("\r\n", "\n") for name, values in fields.items()}


def _thanks(path: str) -> Response:
    return RedirectResponse(f"{path}?sent=1", 303)


def _again(
    pages: Pages, station: str, path: str, draft: Draft, error: str, status: int
) -> Response:
    kept = Draft(kind=draft.kind, text=draft.text, error=error)
    return page_response(pages.report_form(station, path, kept, status))


def page_response(page: Document) -> Response:
    """A rendered page as a response of the application behind the front."""
    headers = {name.decode(): value.decode() for name, value in page.headers}
    return Response(page.body, page.status, headers)
