"""/me: one's own password, sessions and API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.errors import BadAccount
from warmstation_server.accounts.passwords import hashed, is_right
from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import Node
from warmstation_server.accounts.secrets import kept, new_token
from warmstation_server.accounts.visitor import Token
from warmstation_server.web.staff.choices import places_of
from warmstation_server.web.staff.device import device
from warmstation_server.web.staff.door import cookie_name, enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Mine = Annotated[Visit, enter(Right.OWN)]
DAYS = (30, 90, 365)
"""How long a token may last: none is for good."""
NOT_FOR_PROGRAMS = frozenset({Right.OWN, Right.PEOPLE_MANAGE})
DONE = ("password", "sessions", "revoked")


def router(parts: StaffParts) -> APIRouter:
    """The account, and the way out."""
    routes = APIRouter()

    @routes.get("/me")
    def mine(visit: Mine, done: str = "") -> Response:
        return _page(visit, done=done if done in DONE else "")

    @routes.post("/me/password")
    def password(visit: Mine, request: Request) -> Response:
        return _set_password(visit, request.client.host if request.client else "")

    @routes.post("/me/sessions")
    def end(visit: Mine) -> Response:
        _end_sessions(visit)
        return visit.go("/me?done=sessions")

    @routes.post("/me/tokens")
    def token(visit: Mine) -> Response:
        return _make_token(visit)

    @routes.post("/me/tokens/revoke")
    def revoke(visit: Mine) -> Response:
        number, login = visit.form.whole("token") or 0, visit.person.login
        tokens = parts.registry.tokens
        known = next((one for one in tokens.of(login, visit.now) if one.id == number), None)
        if known is not None:
            before = {"rights": sorted(known.rights), "scope": [str(one) for one in known.scope]}
            entry = visit.entry("token.revoked", known.name, before, places=visit.person.scope)
            tokens.revoke(login, number, visit.now, entry)
        return visit.go("/me?done=revoked")

    @routes.post("/logout")
    def leave(visit: Mine) -> Response:
        parts.registry.sessions.end(visit.person.login, only=visit.visitor.session)
        response = visit.go("/login")
        response.delete_cookie(cookie_name(parts), path="/", secure=parts.is_secure)
        return response

    return routes


def _page(visit: Visit, status: int = 200, **said: Any) -> Response:
    registry, login = visit.parts.registry, visit.person.login
    facts = {"done": "", "wrong": "", "token": "", **said}
    return visit.page(
        "staff/me.html",
        status=status,
        sessions=registry.sessions.of(login, visit.now),
        tokens=registry.tokens.of(login, visit.now),
        rights=sorted(visit.person.rights - NOT_FOR_PROGRAMS),
        places=places_of(visit, visit.person.scope),
        days=DAYS,
        device=device,
        **facts,
    )


def _set_password(visit: Visit, address: str) -> Response:
    people, login = visit.parts.registry.people, visit.person.login
    old, new, again = (visit.form.secret(name) for name in ("old", "new", "again"))
    failures = visit.parts.registry.login_failures
    if not failures.may_try(login, address, visit.now):
        return _page(visit, 429, wrong="login.throttled")
    if not is_right(old, people.password_of(login)):
        return _page(visit, 422, wrong="me.password.old.wrong")
    failures.forget(login)
    if new != again:
        return _page(visit, 422, wrong="me.password.differ")
    try:
        people.set_password(login, hashed(new), by=login, now=visit.now, but=visit.visitor.session)
    except BadAccount:
        return _page(visit, 422, wrong="me.password.length")
    return visit.go("/me?done=password")


def _end_sessions(visit: Visit) -> None:
    sessions, login = visit.parts.registry.sessions, visit.person.login
    only = visit.form.whole("only")
    but = visit.visitor.session if only is None else None

    def tell(count: int) -> Entry:
        told = {"count": count}
        return visit.entry("sessions.ended", login, None, told, places=visit.person.scope)

    sessions.end(login, only=only, but=but, tell=tell)


def _make_token(visit: Visit) -> Response:
    form, name = visit.form, visit.form.text("name", 100)
    allowed = visit.person.rights - NOT_FOR_PROGRAMS
    rights = frozenset(right for right in allowed if right.value in form.texts("right"))
    days, own = form.whole("days"), {str(node): node for node in visit.person.scope}
    node: Node | None = own.get(form.text("place"))
    if not name or not rights or days not in DAYS or (form.text("place") and node is None):
        return _page(visit, 422, wrong="me.token.wrong")
    scope = visit.person.scope if node is None else (node,)
    key, ends = new_token(), visit.now + timedelta(days=days or 0)
    token = Token(0, name, rights, scope, visit.now, ends)
    told = {"rights": sorted(rights), "scope": [str(one) for one in scope], "days": days}
    entry = visit.entry("token.made", name, None, told, places=visit.person.scope)
    visit.parts.registry.tokens.add(visit.person.login, token, kept(key), entry)
    return _page(visit, token=key)
