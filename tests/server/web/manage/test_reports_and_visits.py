"""Riders' reports are dealt with; visits are counted by hand and by code, beside the sensor."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.managed import OTHER, Managed, managed
from tests.support.staff import visible

HERE = "/manage/stations/ks-songnan"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Managed]:
    with managed(tmp_path) as made:
        yield made


def said(
    town: Managed, kind: str = "empty", text: str = "没水了", place: str = "ks-songnan"
) -> int:
    return town.registry.add_rider_report(
        place,
        kind,  # type: ignore[arg-type]
        text,
        language="zh-CN",
        client_address="10.0.0.1",
        now=town.clock.now(),
    ).id


def test_an_answer_is_read_by_riders(town: Managed) -> None:
    report = said(town)
    client = town.client()
    assert "没水了" in client.get(f"{HERE}/reports").text
    to = f"{HERE}/reports/{report}"
    assert client.send(to, {"do": "answer", "answer": "已经补上了"}).status_code == 303
    town.tick()
    rider = visible(client.get("/stations/ks-songnan").text)
    assert "已经补上了" in rider
    assert "没水了" not in rider
    (line,) = [one for one in town.registry.audit.newest() if one.action == "report.answered"]
    assert line.after["answer"] == "已经补上了"
    town.clock.advance(days=8)
    town.report(1)
    assert "已经补上了" not in visible(client.get("/stations/ks-songnan").text)


def test_a_report_is_merged_into_an_alert_and_stands_in_its_story(town: Managed) -> None:
    town.report(60, supplies=[{"item": "water", "level": 0.0}])
    (alert,) = [
        one
        for one in town.registry.alerts.newest("ks-songnan", is_open=True)
        if one.name == "supplies.empty"
    ]
    report = said(town)
    fields = {"do": "merge", "alert": alert.id}
    town.client().send(f"/manage/alerts/{alert.id}/comment", {"text": "水已在路上"})
    for _ in range(2):  # pressed twice, it is said once
        assert town.client().send(f"{HERE}/reports/{report}", fields).status_code == 303
    story = town.registry.alerts.history(alert.id)
    assert [(one.by, one.note) for one in story if one.kind == "commented"] == [
        ("li", "水已在路上"),
        ("li", "物资没了: 没水了"),
    ]
    (found,) = town.registry.rider_reports("ks-songnan")
    assert (found.state, found.alert_id) == ("merged", alert.id)


def test_what_makes_no_sense_changes_nothing(town: Managed) -> None:
    report, client = said(town), town.client()
    assert client.send(f"{HERE}/reports/{report}", {"do": "answer"}).status_code == 422
    assert client.send(f"{HERE}/reports/{report}", {"do": "merge", "alert": "x"}).status_code == 422
    assert client.send(f"{HERE}/reports/{report}", {"do": "burn"}).status_code == 422
    assert client.send(f"{HERE}/reports/999", {"do": "dismiss"}).status_code == 404
    other = said(town, place=OTHER)
    assert client.send(f"{HERE}/reports/{other}", {"do": "dismiss"}).status_code == 404
    assert {one.state for one in town.registry.rider_reports()} == {"new"}
    client.send(f"{HERE}/reports/{report}", {"do": "dismiss"})
    assert town.registry.rider_reports("ks-songnan")[0].state == "dismissed"


def test_three_methods_stand_beside_each_other_and_are_never_added(town: Managed) -> None:
    town.report(30, people={"inside": 1, "entered": 5, "present": True})
    client = town.client()
    assert client.send(f"{HERE}/visits", {"day": "2026-11-21", "visits": "36"}).status_code == 303
    _check_in(town)
    page = visible(client.get(f"{HERE}/visits").text)
    assert "11月21日 周六 5 1 36" in page or "11月21日 周六 0 1 36" in page
    assert "42" not in page.partition("11月21日")[2][:60]
    text = client.get(f"{HERE}/visits.csv").text
    rows = list(csv.DictReader(io.StringIO(text)))
    methods = {row["method"]: row["visits"] for row in rows if row["day"] == "2026-11-21"}
    assert (methods["qr"], methods["manual"]) == ("1", "36")
    assert set(methods) == {"sensor", "qr", "manual"}
    (line,) = [one for one in town.registry.audit.newest() if one.action == "visits.counted"]
    assert line.after["visits"] == 36


@pytest.mark.parametrize(
    "fields",
    [
        {"day": "2026-11-21", "visits": "-1"},
        {"day": "2026-11-21", "visits": "10001"},
        {"day": "2026-11-22", "visits": "3"},
        {"day": "2026-09-01", "visits": "3"},
        {"day": "", "visits": "3"},
        {"day": "2026-11-21", "visits": "x"},
    ],
)
def test_a_count_that_cannot_be_is_refused(town: Managed, fields: dict[str, str]) -> None:
    assert town.client().send(f"{HERE}/visits", fields).status_code == 422
    assert _counts(town) == []


def test_a_phone_counts_once_in_half_an_hour_and_leaves_nothing(town: Managed) -> None:
    code = town.registry.visits.code("ks-songnan")
    phone = town.stranger()
    assert "我到了" in phone.get(f"/checkin/ks-songnan/{code}").text
    for _ in range(3):
        assert phone.post(f"/checkin/ks-songnan/{code}").status_code == 303
    assert _counts(town) == [("qr", 1)]
    assert "已计入" in phone.get(f"/checkin/ks-songnan/{code}").text
    assert phone.cookies.get("counted") == "ks-songnan"


def test_only_who_stands_before_the_code_is_counted(town: Managed) -> None:
    stranger = town.stranger()
    code = town.registry.visits.code(OTHER)
    assert stranger.post(f"/checkin/ks-songnan/{code}").status_code == 404
    assert stranger.get("/checkin/ks-songnan/abc").status_code == 404
    foreign = {"origin": "https://elsewhere.example", "host": "testserver"}
    right = town.registry.visits.code("ks-songnan")
    sent = stranger.post(f"/checkin/ks-songnan/{right}", headers=foreign)
    assert sent.status_code == 403
    assert _counts(town) == []


def test_a_flood_of_check_ins_is_stopped(town: Managed) -> None:
    code = town.registry.visits.code("ks-songnan")
    answers = [town.stranger().post(f"/checkin/ks-songnan/{code}").status_code for _ in range(61)]
    assert answers == [303] * 60 + [429]


def _check_in(town: Managed) -> None:
    code = town.registry.visits.code("ks-songnan")
    town.stranger().post(f"/checkin/ks-songnan/{code}")


def _counts(town: Managed) -> list[tuple[str, int]]:
    now, day = town.clock.now(), timedelta(days=60)
    found = town.registry.visits.between(["ks-songnan"], now - day, now + day)
    return [(one.method, one.visits) for one in found]
