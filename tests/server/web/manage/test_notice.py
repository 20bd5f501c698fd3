"""The sheet for a station's door."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.managed import OTHER, managed
from tests.support.staff import visible
from warmstation_server.web.boards.qr import qr
from warmstation_server.web.manage.notice import is_local

NOTICE = "/manage/stations/ks-songnan/notice"
SITE = "http://stations.example"


def test_it_says_what_is_posted_and_its_code_leads_to_what_is_true_now(tmp_path: Path) -> None:
    with managed(tmp_path, base_url=SITE) as town:
        client = town.client()
        page = client.get(NOTICE).text
        shown = visible(page)
        assert "07:00–22:00" in shown
        assert "热水" in shown
        assert qr(f"{SITE}/stations/ks-songnan").path in page
        assert 'role="alert"' not in page
        english = client.get(f"/en{NOTICE}").text
        assert qr(f"{SITE}/en/stations/ks-songnan").path in english
        assert client.get("/stations/ks-songnan").status_code == 200
        assert NOTICE in client.get("/manage/stations/ks-songnan").text
        assert client.get(f"/manage/stations/{OTHER}/notice").status_code == 404


def test_a_code_that_no_phone_can_follow_is_told_before_it_hangs(tmp_path: Path) -> None:
    with managed(tmp_path, base_url="http://127.0.0.1:8000") as town:
        shown = visible(town.client().get(NOTICE).text)
        assert "手机打不开" in shown
        assert "http://127.0.0.1:8000/stations/ks-songnan" in shown


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:8000/stations/a", True),
        ("http://[::1]:8000/stations/a", True),
        ("http://localhost/stations/a", True),
        ("http://192.168.1.7:8000/stations/a", False),
        ("https://stations.example/stations/a", False),
    ],
)
def test_which_addresses_only_the_server_reaches(address: str, expected: bool) -> None:
    assert is_local(address) is expected
