from __future__ import annotations

import pytest

from tests.support.client import Client
from tests.support.snapshots import city
from tests.support.web import Web, web
from warmstation_server.registry import RegistryAway, TooManyReports, UnknownStation

PATH = "/stations/ks-001/report"


@pytest.fixture
def site() -> Web:
    return web(city(20))


@pytest.fixture
def client(site: Web) -> Client:
    return Client(site.app)


def test_one_tap_sends_a_report_and_leads_to_thanks(site: Web, client: Client) -> None:
    sent = client.post(PATH, data={"kind": "locked", "text": ""})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PATH}?sent=1")
    assert site.reports.reports == [("ks-001", "locked", "", "zh-CN")]
    assert "收到，谢谢" in client.get(sent.headers["location"]).text


def test_english_reports_say_so(site: Web, client: Client) -> None:
    sent = client.post(f"/en{PATH}", data={"kind": "cold", "text": "9 °C\r\ninside"})
    assert sent.headers["location"] == f"/en{PATH}?sent=1"
    assert site.reports.reports == [("ks-001", "cold", "9 °C\ninside", "en")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "fire", "text": "写了很多字"}, "请选一个问题"),
        ({"text": "写了很多字"}, "请选一个问题"),
        ({"kind": "other", "text": "  "}, "选“其他”时请写几个字"),
        ({"kind": "cold", "text": "冷" * 501}, "文字太长"),
    ],
)
def test_a_mistake_is_told_and_the_text_is_kept(
    site: Web, client: Client, data: dict[str, str], said: str
) -> None:
    again = client.post(PATH, data=data)
    assert again.status_code == 422
    assert said in again.text
    assert data["text"].strip() in again.text
    assert not site.reports.reports


def test_500_characters_are_enough_and_allowed(site: Web, client: Client) -> None:
    assert client.post(PATH, data={"kind": "cold", "text": "冷" * 500}).status_code == 303
    assert len(site.reports.reports[0][2]) == 500


@pytest.mark.parametrize(
    ("refusal", "status", "said"),
    [
        (TooManyReports("ten already"), 429, "发得太频繁"),
        (RegistryAway("the disk is full"), 503, "暂时存不下来"),
    ],
)
def test_what_the_registry_refuses_keeps_the_text(
    site: Web, client: Client, refusal: Exception, status: int, said: str
) -> None:
    site.reports.refuses = refusal
    again = client.post(PATH, data={"kind": "broken", "text": "插座没电"})
    assert again.status_code == status
    assert said in again.text
    assert "插座没电" in again.text


def test_a_station_that_is_gone_is_a_404(site: Web, client: Client) -> None:
    assert client.post("/stations/ks-999/report", data={"kind": "cold"}).status_code == 404
    site.reports.refuses = UnknownStation("removed meanwhile")
    assert client.post(PATH, data={"kind": "cold"}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"referer": "https://elsewhere.example/stations/ks-001/report"},
    ],
)
def test_a_form_on_another_site_cannot_send(
    site: Web, client: Client, headers: dict[str, str]
) -> None:
    assert client.post(PATH, data={"kind": "cold"}, headers=headers).status_code == 403
    assert not site.reports.reports


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}],
)
def test_our_own_form_can_send(site: Web, client: Client, headers: dict[str, str]) -> None:
    assert client.post(PATH, data={"kind": "cold"}, headers=headers).status_code == 303


def test_a_program_that_fills_in_everything_is_thanked_and_ignored(
    site: Web, client: Client
) -> None:
    sent = client.post(PATH, data={"kind": "cold", "website": "https://spam.example"})
    assert sent.status_code == 303
    assert not site.reports.reports


def test_a_body_that_is_too_large_is_refused(site: Web, client: Client) -> None:
    assert client.post(PATH, content=b"kind=cold&text=" + b"x" * 9000).status_code == 413
    assert not site.reports.reports


def test_a_body_that_is_no_form_is_refused(client: Client) -> None:
    assert client.post(PATH, content=b"kind=\xff\xfe").status_code == 400
    assert client.post(PATH, content=b"&".join(b"a=1" for _ in range(50))).status_code == 400
