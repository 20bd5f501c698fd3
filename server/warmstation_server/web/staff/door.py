"""The door of staff pages: `enter(Right.X)` lets in who has that right, and nobody else.

    @routes.get("/manage")
    def alerts(visit: Annotated[Visit, enter(Right.ALERTS_READ)]) -> Response:

Who is not signed in is sent to /login, who lacks the right gets 403. Forms are only taken with the
session's word (CSRF). Addresses below /api/ take tokens (`Authorization: Bearer`) and no cookies.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import HTTPException, Request, Security
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes
from starlette.concurrency import run_in_threadpool

from warmstation_server.accounts.role import Right
from warmstation_server.accounts.secrets import csrf_of, is_same, kept
from warmstation_server.accounts.visitor import Visitor
from warmstation_server.web.languages import language_of, path_in
from warmstation_server.web.rider_reports import is_own_page
from warmstation_server.web.staff.form import Form, read_form
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rendering import PRIVATE, Rendering
from warmstation_server.web.staff.visit import Visit

HOME = "/manage"
"""Where one is after signing in, unless one was on the way elsewhere."""
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf"
_SAFE = frozenset({"GET", "HEAD"})


class SentAway(Exception):
    """Whoever asked is answered with this instead of the page."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def enter(right: Right) -> Any:
    """The dependency that lets in who has this right, and gives the page its Visit."""
    return Security(_visit, scopes=[right.value])


def right_of(route: APIRoute) -> Right | None:
    """The right that a route declares; None where it declares none, or more than one."""
    asked = [one for one in route.dependant.dependencies if one.call is _visit]
    scopes = asked[0].own_oauth_scopes if len(asked) == 1 else None
    return Right(scopes[0]) if scopes else None


def cookie_name(parts: StaffParts) -> str:
    """`__Host-` binds the cookie to this very host, where TLS allows that."""
    return "__Host-warmstation" if parts.is_secure else "warmstation"


async def _visit(request: Request, asked: SecurityScopes) -> Visit:
    form = Form() if request.method in _SAFE else await read_form(request)
    return await run_in_threadpool(_let_in, request, form, Right(asked.scopes[-1]))


def _let_in(request: Request, form: Form, right: Right) -> Visit:
    parts: StaffParts = request.app.state.staff
    rendering: Rendering = request.app.state.rendering
    path, now = request.url.path, parts.clock.now()
    is_api = path.startswith("/api/")
    key = _bearer(request) if is_api else request.cookies.get(cookie_name(parts), "")
    visitor = _visitor(parts, key, now, is_api=is_api) if key else None
    if visitor is None:
        raise _refusal(request, is_api=is_api)
    csrf = "" if is_api else csrf_of(key)
    if not is_api and request.method not in _SAFE:
        _check_csrf(request, form, csrf)
    if right not in visitor.rights:
        raise HTTPException(403)
    words = rendering.words(path)
    query = f"?{request.url.query}" if request.method in _SAFE and request.url.query else ""
    return Visit(visitor, path, words, csrf, form, now, parts.tree, parts, rendering, query)


def _visitor(parts: StaffParts, key: str, now: datetime, *, is_api: bool) -> Visitor | None:
    if is_api:
        return parts.registry.tokens.visitor(kept(key), now)
    return parts.registry.sessions.visitor(kept(key), now)


def _bearer(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _check_csrf(request: Request, form: Form, csrf: str) -> None:
    shown = form.text(CSRF_FIELD) or request.headers.get(CSRF_HEADER, "")
    if not (is_own_page(request) and is_same(shown, csrf)):
        raise HTTPException(403)


def _refusal(request: Request, *, is_api: bool) -> Exception:
    """To the login where a person reads; a plain 401 for programs and for parts of a page."""
    if is_api:
        return HTTPException(401, "a token is needed", {"www-authenticate": "Bearer"})
    language, _ = language_of(request.url.path)
    login = path_in(language, f"/login?next={quote(_back(request), safe='/')}")
    if "hx-request" in request.headers:
        return SentAway(Response(status_code=401, headers={**PRIVATE, "hx-redirect": login}))
    return SentAway(RedirectResponse(login, 303, PRIVATE))


def _back(request: Request) -> str:
    """Where to go after signing in: to this page, or to the one whose form was sent.

    Without what that page was asked to say: nothing was done.
    """
    if request.method in _SAFE:
        query = request.url.query
        return language_of(request.url.path)[1] + (f"?{query}" if query else "")
    sender = urlsplit(request.headers.get("referer", ""))
    is_ours = bool(sender.path) and sender.netloc == request.headers.get("host")
    return language_of(sender.path)[1] if is_ours else HOME
