"""Signing in and out: the only staff pages that are open to everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Match

from warmstation_server.accounts.passwords import is_right
from warmstation_server.accounts.secrets import csrf_of, is_same, kept, new_key
from warmstation_server.registry.sessions import LONGEST
from warmstation_server.web.languages import path_in
from warmstation_server.web.rider_reports import is_own_page
from warmstation_server.web.staff.door import CSRF_FIELD, HOME, cookie_name
from warmstation_server.web.staff.form import Form, read_form
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rendering import PRIVATE, Rendering

_MAT = "warmstation-mat"
"""A cookie before the door: a foreign page cannot sign somebody in under another name."""
_MAT_LASTS = timedelta(hours=1)


class Said(NamedTuple):
    """What somebody wrote into the form."""

    login: str
    password: str
    back: str


def router(parts: StaffParts) -> APIRouter:
    """/login, and the way out."""
    routes = APIRouter()

    @routes.get("/login")
    def ask(request: Request) -> Response:
        return _form(request, parts, _said(Form(), request.query_params.get("next", "")))

    @routes.post("/login")
    async def enter_here(request: Request) -> Response:
        form = await read_form(request)
        return await run_in_threadpool(_answer, request, parts, form)

    return routes


def safe_place(text: str) -> str:
    """Where to go after signing in: a path of ours, never another site's address."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text[:500] if is_path else HOME


def readable(app: Starlette, place: str) -> str:
    """The place, or the nearest above it that is a page, where this address only takes forms."""
    path = place.partition("?")[0]
    if not _only_takes_forms(app, path):
        return place
    while path and _only_takes_forms(app, path):
        path = path.rpartition("/")[0]
    return path or HOME


def _only_takes_forms(app: Starlette, path: str) -> bool:
    asked = {"type": "http", "method": "GET", "path": path, "headers": []}
    found = [route.matches(asked)[0] for route in app.routes if not _takes_anything(route)]
    return Match.PARTIAL in found and Match.FULL not in found


def _takes_anything(route: BaseRoute) -> bool:
    """The one that answers whatever no other does."""
    return getattr(route, "path", "") == "/{path:path}"


def _said(form: Form, back: str) -> Said:
    login = form.text("login", 63).lower()
    return Said(login, form.secret("password"), safe_place(form.text("next") or back))


def _answer(request: Request, parts: StaffParts, form: Form) -> Response:
    said = _said(form, "")
    mat = request.cookies.get(_MAT, "")
    if not (mat and is_own_page(request) and is_same(form.text(CSRF_FIELD), csrf_of(mat))):
        return _form(request, parts, said, "login.stale", 403)
    now, failures = parts.clock.now(), parts.registry.login_failures
    address = request.client.host if request.client else ""
    if not failures.may_try(said.login, address, now):
        return _form(request, parts, said, "login.throttled", 429)
    if not is_right(said.password, parts.registry.people.password_of(said.login)):
        return _form(request, parts, said, "login.wrong", 401)
    failures.forget(said.login)
    return _let_in(request, parts, said, address)


def _let_in(request: Request, parts: StaffParts, said: Said, address: str) -> Response:
    key, now = new_key(), parts.clock.now()
    agent = request.headers.get("user-agent", "")
    parts.registry.sessions.begin(said.login, kept(key), address=address, agent=agent, now=now)
    rendering: Rendering = request.app.state.rendering
    language = rendering.words(request.url.path).language
    back = path_in(language, readable(request.app, said.back))
    response = RedirectResponse(back, 303, PRIVATE)
    _set(response, parts, cookie_name(parts), key, LONGEST)
    response.delete_cookie(_MAT, path="/")
    return response


def _form(
    request: Request, parts: StaffParts, said: Said, wrong: str = "", status: int = 200
) -> Response:
    mat = request.cookies.get(_MAT) or new_key()
    rendering: Rendering = request.app.state.rendering
    path = request.url.path
    facts = {"said": said, "wrong": wrong, "csrf": csrf_of(mat)}
    now, words = parts.clock.now(), rendering.words(path)
    query = f"?next={quote(said.back, safe='/')}"
    response = rendering.page(path, "staff/login.html", facts, now, words, status, query)
    _set(response, parts, _MAT, mat, _MAT_LASTS)
    return response


def _set(response: Response, parts: StaffParts, name: str, value: str, lasts: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=parts.is_secure,
        httponly=True,
        samesite="lax",
    )
