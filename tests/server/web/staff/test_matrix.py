"""Role x scope x route, from the router itself: what is added there is tried here."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import pytest
from fastapi.routing import APIRoute

from tests.support.staff import Staff, StaffClient, staff_web
from warmstation_server.accounts.role import RIGHTS, Right, Role
from warmstation_server.accounts.scope import EVERYWHERE
from warmstation_server.accounts.secrets import kept, new_token
from warmstation_server.accounts.visitor import Token
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.web.staff.door import right_of
from warmstation_server.web.staff.rooms import APIS, PAGES

OWN, FOREIGN, NOWHERE = "ks-000", "ks-050", "ks-nowhere"
OWN_REGION, FOREIGN_REGION, NO_REGION = "ks-qiandeng", "ks-zhangpu", "ks-no"


STREAMS = {"/manage/live"}
"""They do not end by themselves; a browser test listens to them."""


class Way(NamedTuple):
    """One address and method."""

    method: str
    path: str
    right: Right

    def at(self, station: str, region: str) -> str:
        """With these in its blanks; what else there is to fill in names nothing that exists."""
        path = self.path
        for blank in [part for part in path.split("/") if part.startswith("{")]:
            name = blank.strip("{}").partition(":")[0]
            known = {"station": station, "station_id": station, "region": region}
            path = path.replace(blank, known.get(name, "1"))
        return path


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with staff_web(tmp_path_factory.mktemp("matrix"), history=MemoryHistory()) as made:
        for role in Role:
            made.add(f"a-{role}", role, f"station:{OWN}", f"region:{OWN_REGION}")
        yield made


def ways(staff: Staff) -> list[Way]:
    """Every staff route."""
    routers = [room(staff.parts) for room in (*PAGES, *APIS)]
    found = []
    for route in (route for router in routers for route in router.routes):
        assert isinstance(route, APIRoute)
        right = right_of(route)
        assert right is not None, f"{route.path} declares no right"
        found += [
            Way(method, route.path, right) for method in sorted((route.methods or set()) - {"HEAD"})
        ]
    return found


def ask(client: StaffClient, way: Way, path: str) -> tuple[int, str]:
    """What comes back: pages with the session's word, the API with a token of all rights."""
    if path.startswith("/api/"):
        headers = {"authorization": f"Bearer {client.token}"}
        answer = client.ask(way.method, path, headers=headers)
    elif way.method == "GET":
        answer = client.get(path)
    else:
        answer = client.send(path)
    return answer.status_code, answer.text


@pytest.fixture(scope="module")
def clients(staff: Staff) -> dict[Role, StaffClient]:
    return {role: enter(staff, role) for role in Role}


def enter(staff: Staff, role: Role) -> StaffClient:
    """Signed in, with a token that allows all that its person may do."""
    client = staff.client(f"a-{role}")
    client.token, now = new_token(), staff.clock.now()
    until = now.replace(year=now.year + 1)
    token = Token(0, "all", frozenset(Right), (EVERYWHERE,), now, until)
    entry = staff.entry("token.made")
    staff.parts.registry.tokens.add(f"a-{role}", token, kept(client.token), entry)
    return client


def test_each_route_lets_in_exactly_the_roles_that_have_its_right(
    staff: Staff, clients: dict[Role, StaffClient]
) -> None:
    wrong = []
    for role in Role:
        for way in ways(staff):
            if way.path == "/logout" or (way.path in STREAMS and way.right in RIGHTS[role]):
                continue
            status, _ = ask(clients[role], way, way.at(OWN, OWN_REGION))
            if (status == 403) == (way.right in RIGHTS[role]) or status >= 500:
                wrong.append((role.value, *way, status))
    assert wrong == []


def test_nobody_without_a_session_or_token_gets_anywhere(staff: Staff) -> None:
    for way in ways(staff):
        answer = staff.client().ask(way.method, way.at(OWN, OWN_REGION))
        assert answer.status_code == (401 if way.path.startswith("/api/") else 303), way
        assert "ks-" not in answer.text


def test_another_districts_place_looks_exactly_like_one_that_does_not_exist(
    staff: Staff, clients: dict[Role, StaffClient]
) -> None:
    client = clients[Role.ADMIN]
    for way in ways(staff):
        if "{station" not in way.path and "{region" not in way.path:
            continue
        foreign = ask(client, way, way.at(FOREIGN, FOREIGN_REGION))
        nowhere = ask(client, way, way.at(NOWHERE, NO_REGION))
        hidden = foreign[1].replace(FOREIGN, NOWHERE).replace(FOREIGN_REGION, NO_REGION)
        assert (foreign[0], hidden) == (404, nowhere[1]), way


def test_english_addresses_ask_for_the_same_rights(
    staff: Staff, clients: dict[Role, StaffClient]
) -> None:
    for way, role in product(ways(staff), (Role.VIEWER,)):
        if way.path.startswith("/api/") or way.path in {"/logout", *STREAMS}:
            continue
        client = clients[role]
        here = ask(client, way, way.at(OWN, OWN_REGION))[0]
        there = ask(client, way, "/en" + way.at(OWN, OWN_REGION))[0]
        assert here == there, way


def test_every_form_is_taken_from_our_own_pages_and_with_the_sessions_word_only(
    staff: Staff, clients: dict[Role, StaffClient]
) -> None:
    client, wrong = clients[Role.ADMIN], []
    for way in ways(staff):
        if way.method == "GET" or way.path.startswith("/api/"):
            continue
        path = way.at(OWN, OWN_REGION)
        tried = {
            "no word": client.post(path, data={"name": "x"}),
            "another word": client.post(path, data={"csrf": "0" * 32}),
            "elsewhere": client.send(path, headers={"origin": "https://evil.example"}),
            "another site": client.send(path, headers={"sec-fetch-site": "cross-site"}),
            "json": client.post(path, json={"csrf": client.csrf}),
        }
        wrong += [(way.path, name) for name, one in tried.items() if one.status_code != 403]
    assert wrong == []


def test_a_token_opens_no_page_and_a_session_no_address_for_programs(
    staff: Staff, clients: dict[Role, StaffClient]
) -> None:
    client = clients[Role.ADMIN]
    bearer, nobody = {"authorization": f"Bearer {client.token}"}, staff.client()
    for way in ways(staff):
        path = way.at(OWN, OWN_REGION)
        if way.path.startswith("/api/"):
            assert client.ask(way.method, path).status_code == 401, way
        elif way.path not in STREAMS:
            assert nobody.ask(way.method, path, headers=bearer).status_code == 303, way


def test_what_a_route_is_asked_for_never_reaches_the_disk(
    staff: Staff, clients: dict[Role, StaffClient]
) -> None:
    client = clients[Role.ADMIN]
    for name in ("..%2f..%2fserver.toml", "%2e%2e", "..", "%00", "registry.db"):
        for path in (f"/district/exports/{name}/file", f"/api/v1/exports/{name}/file"):
            answer = client.get(path, headers={"authorization": f"Bearer {client.token}"})
            assert answer.status_code in (401, 404), path
