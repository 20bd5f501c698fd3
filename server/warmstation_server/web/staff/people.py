"""/people: accounts, made and changed by those who manage people, within their own scope only."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from warmstation_dashboards.resources import LANGUAGES
from warmstation_server.accounts.errors import BadAccount
from warmstation_server.accounts.passwords import hashed, random_password
from warmstation_server.accounts.person import LOGIN, Person, may_manage
from warmstation_server.accounts.role import Right, Role
from warmstation_server.accounts.scope import Node
from warmstation_server.web.staff.choices import (
    places_of,
    regions_to_choose,
    stations_to_choose,
)
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Manages = Annotated[Visit, enter(Right.PEOPLE_MANAGE)]


def router(parts: StaffParts) -> APIRouter:
    """The list, the form of a new person, and that of each one."""
    routes = APIRouter()
    people = parts.registry.people

    @routes.get("/people")
    def everybody(visit: Manages) -> Response:
        found = [one for one in people.all() if may_manage(visit.person, one, visit.tree)]
        rows = [(one, places_of(visit, one.scope)) for one in found]
        return visit.page("staff/people.html", rows=rows)

    @routes.get("/people/new")
    def blank(visit: Manages) -> Response:
        return _form(visit, Person("", "", Role.MANAGER, ()), is_new=True)

    @routes.post("/people/new")
    def add(visit: Manages) -> Response:
        return _add(visit)

    @routes.get("/people/{login}")
    def one(visit: Manages, login: str) -> Response:
        return _form(visit, _theirs(visit, login))

    @routes.post("/people/{login}")
    def change(visit: Manages, login: str) -> Response:
        return _change(visit, _theirs(visit, login))

    @routes.post("/people/{login}/password")
    def new_password(visit: Manages, login: str) -> Response:
        person = _theirs(visit, login)
        password = random_password()
        by = visit.person.login
        people.set_password(person.login, hashed(password), by=by, now=visit.now)
        return _form(visit, person, password=password)

    return routes


def _theirs(visit: Visit, login: str) -> Person:
    """404 for nobody and for somebody elsewhere alike."""
    person = visit.parts.registry.people.find(login)
    if person is None or not may_manage(visit.person, person, visit.tree):
        raise HTTPException(404)
    return person


def _asked(visit: Visit, login: str) -> Person:
    """The person that the form describes; BadAccount where it describes none of theirs."""
    form = visit.form
    role, language = form.text("role"), form.text("language")
    if role not in set(Role) or language not in LANGUAGES:
        raise BadAccount("role or language")
    scope = tuple(sorted({Node.parse(text) for text in form.texts("scope")}))
    active = form.has("active") or not form.has("known")
    person = Person(login, form.text("name", 100), Role(role), scope, active, language)
    if not LOGIN.fullmatch(login) or not person.name:
        raise BadAccount("login or name")
    if not scope or not all(visit.within(node) for node in scope):
        raise BadAccount("scope")
    return person


def _add(visit: Visit) -> Response:
    login = visit.form.text("login", 63).lower()
    password = random_password()
    try:
        person = _asked(visit, login)
        people, by = visit.parts.registry.people, visit.person.login
        people.add(person, hashed(password), by=by, now=visit.now)
    except BadAccount:
        return _form(
            visit,
            _draft(visit, Person(login, "", Role.MANAGER, ())),
            is_new=True,
            wrong="people.wrong",
            status=422,
        )
    return _form(visit, person, password=password)


def _change(visit: Visit, before: Person) -> Response:
    try:
        after = _asked(visit, before.login)
        if before.login == visit.person.login:  # nobody locks themselves out
            after = replace(before, name=after.name, language=after.language)
    except BadAccount:
        return _form(visit, _draft(visit, before), wrong="people.wrong", status=422)
    visit.parts.registry.people.change(after, by=visit.person.login, now=visit.now)
    return _form(visit, after, done="people.saved")


def _draft(visit: Visit, person: Person) -> Person:
    """What was written of this person, as far as it makes sense: to be written on."""
    form = visit.form
    role, language = form.text("role"), form.text("language")
    known = {one.value for one in (*regions_to_choose(visit), *stations_to_choose(visit))}
    return replace(
        person,
        name=form.text("name", 100),
        role=Role(role) if role in set(Role) else person.role,
        scope=tuple(Node.parse(text) for text in form.texts("scope") if text in known),
        is_active=form.has("active") or not form.has("known"),
        language=language if language in LANGUAGES else person.language,
    )


def _form(visit: Visit, person: Person, *, status: int = 200, **said: Any) -> Response:
    facts = {"is_new": False, "wrong": "", "done": "", "password": "", **said}
    return visit.page(
        "staff/person.html",
        status=status,
        person=person,
        chosen={str(node) for node in person.scope},
        roles=tuple(Role),
        regions=regions_to_choose(visit),
        places=stations_to_choose(visit),
        is_self=person.login == visit.person.login,
        **facts,
    )
