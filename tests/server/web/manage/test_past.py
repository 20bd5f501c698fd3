"""A station's past: everything that happened there in one list, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.managed import OTHER, Managed, managed
from tests.support.staff import visible
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.memory import MemoryHistory

HERE = "/manage/stations/ks-songnan"
PAST = f"{HERE}/past"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Managed]:
    with managed(tmp_path) as made:
        yield made


@pytest.fixture
def busy(town: Managed) -> Managed:
    """Water runs out, a rider says so, it is answered and restocked; the station closes."""
    client = town.client()
    town.report(60, supplies=[{"item": "water", "level": 0.0}], climate={"room_c": 19.5})
    assert town.holds("supplies.empty") == "firing"
    report = town.registry.add_rider_report(
        "ks-songnan", "empty", "没有水了", language="zh-CN", client_address="::1",
        now=town.clock.now(),
    )  # fmt: skip
    town.clock.advance(minutes=5)
    client.send(f"{HERE}/reports/{report.id}", {"do": "answer", "answer": "下午送到"})
    town.clock.advance(minutes=5)
    said = {"do": "restock", "quantity": "24", "donor": "昆山市红十字会"}
    client.send("/manage/supplies/ks-songnan/water", said)
    town.clock.advance(minutes=5)
    client.send(f"{HERE}/hand", {"word": "closed", "reason": "水管维修", "lasts": "3h"})
    town.clock.advance(minutes=1)
    town.tick()
    return town


def titles(page: str) -> list[str]:
    lines = page.partition('<ol class="timeline"')[2].partition("</ol>")[0].split("<li ")[1:]
    return [visible("<li " + line.partition("</b>")[0]).strip() for line in lines]


def test_what_happened_stands_in_one_list_the_newest_first(busy: Managed) -> None:
    page = busy.client().get(PAST).text
    assert titles(page) == [
        "手动暂停开放",
        "热水：补货 24 份",
        "骑手反映：物资没了：已答复",
        "骑手反映：物资没了",
        "物资已用完（热水）：告警",
    ]
    shown = visible(page)
    for text in ("下午送到", "没有水了", "昆山市红十字会", "水管维修"):
        assert text in shown
    assert 'data-v="19.5"' in page


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("staff", ["手动暂停开放"]),
        ("supply", ["热水：补货 24 份"]),
        ("alert", ["物资已用完（热水）：告警"]),
    ],
)
def test_one_kind_can_be_looked_at_alone(busy: Managed, kind: str, expected: list[str]) -> None:
    page = busy.client().get(f"{PAST}?kind={kind}").text
    assert titles(page) == expected
    assert f"kind={kind}" in page.partition('<form class="pairs')[0]  # the ways keep it


def test_of_another_time_nothing_is_listed(busy: Managed) -> None:
    shown = visible(busy.client().get(f"{PAST}?from=2026-11-01&to=2026-11-02").text)
    assert "这段时间没有记录" in shown
    assert "这段时间没有测量数据" in shown


def test_nobody_reads_there_what_they_may_not_read_elsewhere(busy: Managed) -> None:
    looks = busy.client("zhao").get(PAST).text  # no riders' reports
    assert not [title for title in titles(looks) if "骑手" in title]
    assert "没有水了" not in looks
    assert titles(busy.client("zhao").get(f"{PAST}?kind=rider").text) == []
    assert busy.client().get(f"/manage/stations/{OTHER}/past").status_code == 404


def test_what_happened_elsewhere_is_not_listed(busy: Managed) -> None:
    assert titles(busy.client("qian").get(f"/manage/stations/{OTHER}/past").text) == []


def test_work_planned_for_a_region_is_listed_at_its_stations(busy: Managed) -> None:
    busy.add("sun", "district", "region:songnan", "孙")
    said = {"kind": "heating", "lasts": "3h", "note": "换热站检修", "where": "songnan"}
    assert busy.client("sun").send(f"{HERE}/work", said).status_code == 303
    busy.clock.advance(minutes=1)
    page = busy.client().get(f"{PAST}?kind=staff").text
    assert titles(page) == ["安排检修", "手动暂停开放"]
    assert "换热站检修" in visible(page)


def test_beside_the_week_before_both_are_in_the_table(town: Managed) -> None:
    town.report(30, climate={"room_c": 18.0})
    town.clock.advance(days=7)
    town.report(5, climate={"room_c": 21.0})
    town.clock.advance(minutes=1)
    now = town.clock.now() + timedelta(hours=8)
    asked = f"from={now - timedelta(hours=1):%Y-%m-%dT%H:%M}&to={now:%Y-%m-%dT%H:%M}"
    page = town.client().get(f"{PAST}?{asked}&beside=1").text
    assert "室温（一周前）" in page
    assert 'data-v="18.0"' in page
    assert 'data-v="21.0"' in page
    assert 'data-v="18.0"' not in town.client().get(f"{PAST}?{asked}").text


def test_a_question_that_makes_no_sense_is_told_without_losing_the_page(busy: Managed) -> None:
    page = busy.client().get(f"{PAST}?from=nonsense&kind=nonsense&beside=2")
    assert page.status_code == 200
    assert "时间填得不对" in page.text
    assert len(titles(page.text)) == 5


def test_while_the_history_is_away_the_list_is_still_there(
    busy: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise HistoryAway("gone")

    monkeypatch.setattr(MemoryHistory, "series", away)
    page = busy.client().get(PAST)
    assert page.status_code == 200
    assert len(titles(page.text)) == 5
    assert 'role="alert"' in page.text


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_year_that_no_calendar_counts_is_no_moment_in_any_form(town: Managed, year: str) -> None:
    client = town.client()
    until = {"word": "closed", "reason": "x", "lasts": "", "until": f"{year}-01-01T00:00"}
    assert client.send(f"{HERE}/hand", until).status_code == 422
    work = {
        "kind": "all",
        "lasts": "",
        "start": f"{year}-01-01T00:00",
        "end": f"{year}-01-02T00:00",
    }
    assert client.send(f"{HERE}/work", work).status_code == 422
