from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter

from tests.support.staff import PASSWORD, Staff, staff_web
from warmstation_server.web.staff.rooms import BareRoute, check_rights


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with staff_web(tmp_path) as made:
        yield made


def test_who_is_not_signed_in_is_sent_to_the_login_and_comes_back(staff: Staff) -> None:
    answer = staff.client().get("/en/me?tab=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/login?next=/me%3Ftab%3D1")


@pytest.mark.parametrize(
    ("sender", "back"),
    [
        ("http://testserver/en/manage/alerts/a?done=silenced", "/manage/alerts/a"),
        ("http://elsewhere.example/manage/stations", "/manage"),
        ("", "/manage"),
    ],
)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(
    staff: Staff, sender: str, back: str
) -> None:
    client = staff.client()
    host = client.get("/login").request.url.netloc.decode()
    headers = {"referer": sender.replace("testserver", host)} if sender else {}
    answer = client.post("/en/manage/alerts/a/silence", data={}, headers=headers)
    assert answer.headers["location"] == f"/en/login?next={back}"


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("/manage/alerts/a/silence", "/manage/alerts/a"),
        ("/manage/stations/ks-024/hand", "/manage/stations/ks-024"),
        ("/district?period=12m", "/district?period=12m"),
        ("/stations/ks-024", "/stations/ks-024"),
        ("/me/tokens", "/me"),
        ("/", "/"),
    ],
)
def test_signing_in_leads_to_a_page_that_can_be_read(staff: Staff, kept: str, shown: str) -> None:
    staff.add("wang", "manager", "station:ks-024")
    client = staff.client()
    word = client.get("/login").text.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": word, "login": "wang", "password": PASSWORD, "next": kept}
    assert client.post("/en/login", data=fields).headers["location"] == f"/en{shown}"


def test_the_other_language_at_the_door_still_leads_to_where_one_was_going(staff: Staff) -> None:
    page = staff.client().get("/login?next=/district?period%3D7d%26region%3Dks").text
    assert 'href="/en/login?next=/district%3Fperiod%3D7d%26region%3Dks" hreflang' in page


def test_signing_in_opens_the_account_and_signing_out_closes_it(staff: Staff) -> None:
    staff.add("wang", "manager", "station:ks-024", name="王站长")
    client = staff.client()
    page = client.get("/login?next=/me").text
    word = page.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": word, "login": "wang", "password": PASSWORD, "next": "/me"}
    answer = client.post("/login", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = client.get("/me").text
    assert "王站长" in page
    word = page.partition('name="csrf" value="')[2].partition('"')[0]
    assert client.post("/logout", data={"csrf": word}).headers["location"] == "/login"
    assert client.get("/me").status_code == 303


def test_a_form_without_the_sessions_word_is_refused(staff: Staff) -> None:
    staff.add("wang", "manager", "station:ks-024")
    client = staff.client("wang")
    assert client.post("/logout").status_code == 403
    assert client.post("/logout", data={"csrf": "0" * 32}).status_code == 403
    assert client.get("/me").status_code == 200
    assert client.send("/logout").status_code == 303


def test_a_page_without_a_right_stops_the_start() -> None:
    routes = APIRouter()

    @routes.get("/open-to-all")
    def bare() -> str:
        return ""

    with pytest.raises(BareRoute, match="/open-to-all"):
        check_rights(routes)
