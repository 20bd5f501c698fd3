"""Shelves: restocked in three taps, counted, discarded; what a donor hears; codes to print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.managed import Managed, managed
from tests.support.staff import visible
from warmstation_server.web.manage.shelf_facts import neediest_first
from warmstation_server.web.manage.station_facts import MOST

HERE = "/manage/supplies/ks-songnan/water"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Managed]:
    with managed(tmp_path) as made:
        yield made


def water(level: float | None) -> dict[str, Any]:
    return {"supplies": [{"item": "water", "level": level}]}


def test_a_restock_clears_an_empty_water_alert(town: Managed) -> None:
    town.report(60, **water(0.0))
    assert town.holds("supplies.empty") == "firing"
    client = town.client()
    sent = client.send(HERE, {"do": "restock", "quantity": "24", "donor": "红十字会"})
    assert sent.headers["location"] == f"{HERE}?done=restock"
    town.report(2, **water(0.95))
    assert town.holds("supplies.empty") == "firing"  # until it has been well for ten minutes
    town.report(11, **water(0.95))
    assert town.holds("supplies.empty") is None
    (line,) = [one for one in town.registry.audit.newest() if one.action == "supply.restock"]
    assert (line.by, line.after["quantity"], line.after["donor"]) == ("li", 24, "红十字会")


def test_the_form_offers_what_fills_the_shelf(town: Managed) -> None:
    client = town.client()
    client.send(HERE, {"do": "par", "quantity": "40"})
    client.send(HERE, {"do": "count", "quantity": "4"})
    page = client.get(HERE).text
    assert 'value="36">+36</button>' in page
    assert "余 4 份，满架 40 份" in page
    assert client.get(f"{HERE}?done=count").text.count('role="status"') >= 1
    assert "盘点已登记" not in client.get(f"{HERE}?done=<b>").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"do": "restock", "quantity": "0"}, "请填 1 到 100000"),
        ({"do": "restock", "quantity": "many"}, "请填 1 到 100000"),
        ({"do": "restock"}, "请填 1 到 100000"),
        ({"do": "steal", "quantity": "1"}, "这个登记看不懂"),
        ({"do": "restock", "quantity": "1", "expires_on": "2020-01-01"}, "保质期已经过了"),
        ({"do": "restock", "quantity": "1", "expires_on": "soon"}, "日期不对"),
        ({"do": "restock", "quantity": "1", "donor": "x" * 250}, "文字太长"),
        ({"do": "par", "quantity": "0"}, "请填 1 到 100000"),
    ],
)
def test_what_cannot_be_true_is_said_and_not_kept(
    town: Managed, fields: dict[str, str], said: str
) -> None:
    answer = town.client().send(HERE, fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert town.registry.supplies.entries(["ks-songnan"]) == ()
    assert not [one for one in town.registry.audit.newest() if one.action.startswith("supply")]


def test_the_sensor_tells_what_became_of_the_gift_before(town: Managed) -> None:
    client = town.client()
    client.send(HERE, {"do": "par", "quantity": "40"})
    client.send(HERE, {"do": "restock", "quantity": "40", "donor": "红十字会"})
    town.report(60, **water(1.0))
    town.report(60, **water(0.1))
    client.send(HERE, {"do": "restock", "quantity": "36", "donor": "工会"})
    kinds = [
        (one.kind, one.method, one.quantity)
        for one in town.registry.supplies.entries(["ks-songnan"])
    ]
    assert kinds == [
        ("restock", "person", 40),
        ("count", "sensor", 4),
        ("restock", "person", 36),
    ]
    donor = visible(client.get("/manage/donors?name=红十字会").text)
    assert "收到 40 份，已领用 36 份" in donor
    assert "还剩 4 份" in donor
    assert client.get("/manage/donors?name=nobody").status_code == 404


def test_two_restocks_in_a_row_take_nothing_away(town: Managed) -> None:
    client = town.client()
    client.send(HERE, {"do": "par", "quantity": "40"})
    town.report(30, **water(0.0))
    client.send(HERE, {"do": "restock", "quantity": "20"})
    town.report(1, **water(0.0))
    client.send(HERE, {"do": "restock", "quantity": "20"})
    assert [one.kind for one in town.registry.supplies.entries(["ks-songnan"])] == ["restock"] * 2
    page = visible(client.get(HERE).text)
    assert "余 40 份，满架 40 份" in page
    assert "等传感器确认" in page


def test_an_unrecorded_restock_is_offered_and_confirmed(town: Managed) -> None:
    client = town.client()
    client.send(HERE, {"do": "par", "quantity": "40"})
    town.report(30, **water(0.2))
    town.report(20, **water(0.9))
    town.clock.advance(minutes=2)
    page = client.get(HERE).text
    assert "余量上升了 70%" in page
    assert 'value="28">确认 +28</button>' in page
    assert "没有登记的补货" in client.get("/manage/supplies").text
    client.send(HERE, {"do": "restock", "quantity": "28"})
    town.tick()
    assert "确认 +28" not in client.get(HERE).text


def test_what_expires_soon_is_listed_and_alerts(town: Managed) -> None:
    noodles = "/manage/supplies/ks-songnan/noodles"
    client = town.client()
    dated = {"do": "restock", "quantity": "10", "expires_on": "2026-11-24", "donor": "A = B Co."}
    client.send(noodles, dated)
    assert "10 份还有 3 天到期" in visible(client.get("/manage/supplies").text)
    town.clock.advance(minutes=2)
    town.tick()
    town.report(2, **water(0.9))
    assert town.holds("supplies.expiry") == "firing"
    (batch,) = town.registry.supplies.entries(["ks-songnan"])
    client.send(noodles, {"do": "discard", "quantity": "10", "batch": str(batch.number)})
    assert "还有 3 天到期" not in visible(client.get("/manage/supplies").text)


def test_days_left_have_their_uncertainty(town: Managed) -> None:
    noodles = "/manage/supplies/ks-songnan/noodles"
    client = town.client()
    client.send(noodles, {"do": "par", "quantity": "100"})
    client.send(noodles, {"do": "restock", "quantity": "100"})
    assert "还不知道能用几天" in visible(client.get(noodles).text)
    for day in range(1, 9):
        town.clock.advance(days=1)
        client.send(noodles, {"do": "count", "quantity": str(100 - 10 * day)})
    shown = visible(client.get(noodles).text)
    assert "约够 2.0 天" in shown or "约够 1.9 天" in shown or "约够 2.1 天" in shown
    assert "按台账" in shown


def test_codes_open_the_form_of_their_shelf(town: Managed) -> None:
    page = town.client().get("/manage/supplies/ks-songnan/labels").text
    assert page.count("<svg") >= 2
    assert "热水的" in page or "热水 的" in page
    stranger = town.stranger()
    sent = stranger.get(HERE)
    assert sent.status_code == 303
    assert sent.headers["location"] == f"/login?next={HERE}"


def test_an_item_that_nobody_knows_is_nowhere(town: Managed) -> None:
    assert town.client().get("/manage/supplies/ks-songnan/gold").status_code == 404
    assert (
        town.client().send("/manage/supplies/ks-songnan/gold", {"do": "count"}).status_code == 404
    )


def test_everything_is_there_in_english(town: Managed) -> None:
    client = town.client()
    client.send(HERE, {"do": "restock", "quantity": "12", "donor": "Red Cross"})
    for path in ("", "/ks-songnan", "/ks-songnan/water", "/ks-songnan/labels"):
        page = client.get(f"/en/manage/supplies{path}")
        assert page.status_code == 200
        assert 'lang="en"' in page.text
    assert "Red Cross" in client.get("/en/manage/donors").text
    sent = client.send("/en/manage/supplies/ks-songnan/water", {"do": "handout", "quantity": "2"})
    assert sent.headers["location"].startswith("/en/manage/")


def test_a_count_after_hours_of_darkness_is_still_a_count(town: Managed) -> None:
    town.clock.advance(hours=12)
    town.client().send(HERE, {"do": "count", "quantity": "0"})
    town.clock.moment += timedelta(minutes=2)
    town.tick()
    assert "已经没了" in visible(town.client().get(HERE).text)


def test_a_long_list_of_stations_is_looked_at_from_the_emptiest(town: Managed) -> None:
    town.report(1, **water(0.04))
    snapshot = town.current.get()
    here = snapshot.stations["ks-songnan"]
    others = [replace(here, id=f"ks-{n:03}") for n in range(MOST)]
    in_need = neediest_first([*others, here], snapshot.statuses)[:MOST]
    assert in_need[0] == here
