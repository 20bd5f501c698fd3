"""Whatever people write, riders too, is shown as they wrote it and is never part of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.server.web.staff.test_every_write import HERE, SHELF, WRITES, Town
from tests.support.snapshots import city
from tests.support.staff import staff_web
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.places import Text

EVIL = "'\"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"
FREE = frozenset({"note", "text", "reason", "answer", "donor", "name"})
"""Fields that take any words."""
PAGES = (
    "/manage", "/manage/alerts/{alert}", "/manage/stations", "/manage/stations/ks-000",
    "/manage/stations/ks-000/reports", "/manage/stations/ks-000/work",
    "/manage/stations/ks-000/visits", "/manage/stations/ks-000/checkin", "/manage/supplies",
    "/manage/supplies/ks-000", SHELF, "/manage/supplies/ks-000/labels", "/manage/donors",
    "/manage/donors?name={evil}", "/manage/stations?q={evil}", "/district", "/district/exports",
    "/district/stations/ks-000", "/audit", "/audit?by={evil}", "/people", "/people/guest",
    "/people/new", "/me", "/", "/?q={evil}", "/stations/ks-000", "/login?next=/{evil}",
)  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder, snapshot = tmp_path_factory.mktemp("evil"), city()
    shelf = replace(snapshot.stations[HERE], supplies=("water",), name=Text(EVIL, EVIL))
    snapshot = replace(snapshot, stations={**snapshot.stations, HERE: shelf})
    with staff_web(folder, snapshot, history=MemoryHistory()) as staff:
        town = Town(staff, folder)
        client = staff.client("chief")
        town.registry.add_rider_report(
            HERE, "cold", EVIL, language="zh-CN", client_address="::2", now=staff.clock.now()
        )
        for write in WRITES:
            if write.action not in ("alert.resolved", "report.dismissed", "work.cancelled"):
                fields = {key: EVIL if key in FREE else was for key, was in write.fields.items()}
                said = {key: text.replace("{{", "{{{{").replace("}}", "}}}}")
                        if text == EVIL else text for key, text in fields.items()}  # fmt: skip
                town.send(client, write._replace(fields=said))
        yield town


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["", "/en"])
def test_no_page_takes_what_was_written_for_its_own(town: Town, path: str, language: str) -> None:
    client = town.staff.client("chief")
    there = path.replace("{alert}", town.known["alert"]).replace("{evil}", EVIL)
    answer = client.get(language + there)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    assert "onerror=alert" not in answer.text.replace("&gt;", ">").partition("<img src=x")[2]
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_the_words_are_there_all_the_same(town: Town) -> None:
    client = town.staff.client("chief")
    for path in ("/manage/alerts/{alert}", "/manage/stations/ks-000/reports", SHELF, "/audit"):
        html = client.get(path.format_map(town.known)).text
        assert "&lt;script&gt;alert(1)" in html, path
        assert "{{7*7}}" in html, path
