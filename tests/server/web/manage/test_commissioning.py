"""The commissioning record on its page: who may read it, what it says, an older one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commissioned import DEAD, INSTALLER, WALK, hand_in
from tests.support.managed import OTHER, Managed, managed
from tests.support.staff import visible

PAGE = "/manage/stations/ks-songnan/commissioning"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Managed]:
    with managed(tmp_path) as made:
        made.add("zhou", "installer", "station:ks-songnan", INSTALLER)
        yield made


def test_the_newest_record_is_shown_and_an_older_one_by_its_number(town: Managed) -> None:
    older, newer = hand_in(town.registry, "ks-songnan", town.clock.now())
    client = town.client("zhou")
    shown = visible(client.get(PAGE).text)
    assert "安装验收记录" in shown
    assert "通过 2 项，不通过 1 项，未做 1 项" in shown
    assert INSTALLER in shown
    assert WALK in shown
    assert DEAD in shown
    shown = visible(client.get(f"/en{PAGE}?record={older}").text)
    assert "2 passed, 0 failed, 1 skipped" in shown
    assert DEAD not in shown
    assert f"record={newer}" in client.get(PAGE).text


def test_what_the_doctor_said_is_marked_with_its_language(town: Managed) -> None:
    hand_in(town.registry, "ks-songnan", town.clock.now())
    assert f'<span lang="zh-CN">{WALK}</span>' in town.client("zhou").get(f"/en{PAGE}").text


def test_a_station_that_nobody_has_checked_says_so(town: Managed) -> None:
    assert "没有记录" in visible(town.client("zhou").get(PAGE).text)


def test_only_who_may_see_devices_finds_the_page_and_only_their_own(town: Managed) -> None:
    number, _ = hand_in(town.registry, OTHER, town.clock.now())
    client = town.client("zhou")
    assert client.get(f"/manage/stations/{OTHER}/commissioning").status_code == 404
    assert client.get(f"{PAGE}?record={number}").status_code == 404, "of another station"
    assert client.get(f"{PAGE}?record=999").status_code == 404
    assert town.client("zhao").get(PAGE).status_code == 403, "who may only look"
    assert PAGE not in town.client("zhao").get("/manage/stations/ks-songnan").text
