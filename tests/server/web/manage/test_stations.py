"""A manager's stations: seen, opened and closed by hand, their planned work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.managed import OTHER, Managed, managed
from tests.support.staff import visible
from warmstation_server.web.words import Words

HOUR = timedelta(hours=1)
HERE = "/manage/stations/ks-songnan"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Managed]:
    with managed(tmp_path) as made:
        yield made


def test_a_manager_sees_their_own_stations_and_no_other(town: Managed) -> None:
    client = town.client()
    shown = visible(client.get("/manage/stations").text)
    assert "共 1 个驿站" in shown
    for path in (
        f"/manage/stations/{OTHER}",
        f"/manage/stations/{OTHER}/reports",
        f"/manage/stations/{OTHER}/visits",
        f"/manage/stations/{OTHER}/visits.csv",
        f"/manage/stations/{OTHER}/work",
        f"/manage/stations/{OTHER}/checkin",
        f"/manage/supplies/{OTHER}",
        f"/manage/supplies/{OTHER}/water",
        f"/manage/supplies/{OTHER}/labels",
        "/manage/stations/ks-nowhere",
    ):
        assert client.get(path).status_code == 404, path
    fields = {"word": "closed", "reason": "x", "lasts": "3h"}
    assert client.send(f"/manage/stations/{OTHER}/hand", fields).status_code == 404
    restock = {"do": "restock", "quantity": "5"}
    assert client.send(f"/manage/supplies/{OTHER}/water", restock).status_code == 404
    assert town.registry.supplies.entries([OTHER]) == ()
    assert OTHER not in client.get("/manage/supplies").text
    assert "共 2 个驿站" in visible(town.client("qian").get("/manage/stations").text)


def test_who_may_only_look_cannot_write(town: Managed) -> None:
    client = town.client("zhao")
    page = client.get(HERE)
    assert page.status_code == 200
    assert "hand-h" in page.text
    assert 'name="reason"' not in page.text
    fields = {"word": "closed", "reason": "x", "lasts": "3h"}
    assert client.send(f"{HERE}/hand", fields).status_code == 403
    assert client.send(f"{HERE}/work", {"kind": "all", "lasts": "3h"}).status_code == 403
    assert client.send(f"{HERE}/visits", {"visits": "3"}).status_code == 403
    assert client.get(f"{HERE}/reports").status_code == 403
    assert client.send("/manage/supplies/ks-songnan/water", {"do": "count"}).status_code == 403


def test_the_page_shows_the_curve_as_a_table_with_its_gaps(town: Managed) -> None:
    town.report(30, climate={"room_c": 20.4}, people={"inside": 3, "entered": 7, "present": True})
    town.clock.advance(hours=2, minutes=1)
    page = town.client().get(HERE).text
    assert page.count("<tr data-at=") == 96
    assert 'data-v="20.4"' in page
    assert 'id="hand"' in page  # where an alert's page leads to
    assert '<td class="number" data-v=""><span class="unsure">?</span></td>' in page
    for span, rows in (("7d", 168), ("30d", 120), ("nonsense", 96)):
        found = town.client().get(f"{HERE}?span={span}").text
        assert found.count("<tr data-at=") == rows


def test_what_is_promised_stands_beside_what_was_measured(town: Managed) -> None:
    town.report(60, climate={"room_c": 19.0}, people={"inside": 1, "entered": 1, "present": True})
    shown = visible(town.client().get(HERE).text)
    assert "达到目标温度 ≥ 21.5 °C 0%" in shown
    assert "达到 18 °C ≥ 18 °C 100%" in shown
    assert "按时开放" in shown
    assert "充电口可用 8 ? 未知" in shown


def test_a_station_closed_by_hand_is_closed_for_riders_with_its_reason(town: Managed) -> None:
    town.report(5, people={"inside": 2, "entered": 2, "present": True})
    client = town.client()
    fields = {"word": "closed", "reason": "水管维修", "lasts": "3h"}
    assert client.send(f"{HERE}/hand", fields).headers["location"] == f"{HERE}#hand"
    town.tick()
    status = town.current.get().statuses["ks-songnan"]
    assert (status.is_open, status.open_basis) == (False, "manual")
    rider = visible(client.get("/stations/ks-songnan").text)
    assert "站长手动标为暂停开放" in rider
    assert "水管维修" in rider
    assert "水管维修" in client.get(f"{HERE}/work").text
    (line,) = [one for one in town.registry.audit.newest() if one.action == "station.closed"]
    assert (line.by, line.action, line.after["reason"]) == ("li", "station.closed", "水管维修")
    town.clock.advance(hours=3)
    town.tick()
    assert town.current.get().statuses["ks-songnan"].open_basis != "manual"


def test_a_word_by_hand_is_seen_at_once_by_who_said_it(town: Managed) -> None:
    client = town.client()
    with town.lock:  # no new picture meanwhile
        client.send(f"{HERE}/hand", {"word": "closed", "reason": "水管维修", "lasts": "3h"})
        page = client.get(HERE).text
        client.send(f"{HERE}/hand", {"word": "end"})
    assert 'value="end"' in page
    assert "骑手几秒内就会看到" in page
    lines = {one.action: one for one in town.registry.audit.newest()}
    taken, said = lines["station.as_posted"], lines["station.closed"]
    assert (taken.before, taken.after, said.before) == (said.after, None, None)
    assert 'value="end"' not in client.get(HERE).text


def test_a_word_by_hand_is_taken_back(town: Managed) -> None:
    client = town.client()
    client.send(f"{HERE}/hand", {"word": "closed", "reason": "停电", "lasts": "1d"})
    client.send(f"{HERE}/hand", {"word": "end"})
    town.tick()
    assert town.current.get().statuses["ks-songnan"].open_basis == "schedule"
    assert "停电" not in client.get(f"{HERE}/work").text
    actions = [one.action for one in town.registry.audit.newest()]
    assert actions[:2] == ["station.as_posted", "station.closed"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"word": "closed", "reason": "", "lasts": "3h"}, "reason"),
        ({"word": "shut", "reason": "x", "lasts": "3h"}, "reason"),
        ({"word": "closed", "reason": "x", "lasts": "99h"}, "until"),
        ({"word": "closed", "reason": "x", "until": "2026-11-21T11:00"}, "until"),
        ({"word": "closed", "reason": "x", "until": "2027-11-21T11:00"}, "until"),
        ({"word": "closed", "reason": "x", "until": "soon"}, "until"),
    ],
)
def test_by_hand_needs_a_reason_and_an_end(
    town: Managed, fields: dict[str, str], wrong: str
) -> None:
    client = town.client()
    answer = client.send(f"{HERE}/hand", fields)
    assert (answer.status_code, Words("zh-CN")(f"hand.wrong.{wrong}") in answer.text) == (422, True)
    assert f'value="{fields["reason"]}"' in answer.text
    assert town.registry.overrides.standing(town.clock.now()) == ()


def test_work_is_planned_listed_and_cancelled(town: Managed) -> None:
    client = town.client()
    plan = {"kind": "heating", "start": "2026-11-21T13:00", "lasts": "3h", "note": "换加热管"}
    assert client.send(f"{HERE}/work", plan).status_code == 303
    (window,) = town.registry.alerts.windows()
    assert (window.place, window.by, window.end - window.start) == ("ks-songnan", "li", 3 * HOUR)
    assert "heating.no_heat" in window.names
    assert "换加热管" in client.get(f"{HERE}/work").text
    assert client.send(f"{HERE}/work/cancel", {"window": window.id}).status_code == 303
    assert town.registry.alerts.windows() == ()
    assert client.send(f"{HERE}/work/cancel", {"window": "unknown"}).status_code == 303
    assert client.send(f"{HERE}/work", {**plan, "end": "2026-11-20T13:00"}).status_code == 422


def test_work_is_planned_for_the_whole_of_ones_region_and_no_further(town: Managed) -> None:
    plan = {"kind": "all", "lasts": "3h", "note": "停电检修"}
    town.add("sun", "district", "region:songnan", "孙科")
    sun = town.client("sun")
    assert "2 个驿站" in sun.get(f"{HERE}/work").text
    assert sun.send(f"{HERE}/work", {**plan, "where": "songnan"}).status_code == 303
    (window,) = town.registry.alerts.windows()
    assert window.place == "songnan"
    assert "停电检修" in sun.get(f"/manage/stations/{OTHER}/work").text
    assert town.client().send(f"{HERE}/work", {**plan, "where": "songnan"}).status_code == 422
    town.client().send(f"{HERE}/work/cancel", {"window": window.id})
    assert town.registry.alerts.windows() == (window,)
    sun.send(f"{HERE}/work/cancel", {"window": window.id})
    assert town.registry.alerts.windows() == ()


def test_work_at_another_station_is_not_mine_to_cancel(town: Managed) -> None:
    plan = {"kind": "all", "lasts": "3h", "note": "x"}
    town.client("qian").send(f"/manage/stations/{OTHER}/work", plan)
    (window,) = town.registry.alerts.windows()
    mine, nobodys = (
        town.client().send(f"{HERE}/work/cancel", {"window": name}) for name in (window.id, "no")
    )
    assert (mine.status_code, mine.headers["location"]) == (303, nobodys.headers["location"])
    assert len(town.registry.alerts.windows()) == 1


def test_the_list_finds_by_name_and_shows_what_waits(town: Managed) -> None:
    town.registry.add_rider_report(
        "ks-songnan", "cold", "", language="en", client_address="a", now=town.clock.now()
    )
    client = town.client("qian")
    shown = visible(client.get("/en/manage/stations?q=songnan").text)
    assert "1 rider&#39;s report waits" in shown or "1 rider's report waits" in shown
    assert "No such station" in visible(client.get("/en/manage/stations?q=nowhere").text)
