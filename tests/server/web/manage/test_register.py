"""District staff rename, move, retire and bring back; a manager does not, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.support.managed import OTHER, Managed, managed
from tests.support.staff import StaffClient, visible
from warmstation_server.accounts.audit import Entry
from warmstation_server.accounts.role import Right
from warmstation_server.accounts.scope import EVERYWHERE
from warmstation_server.accounts.secrets import kept, new_token
from warmstation_server.accounts.visitor import Token

HERE = "/manage/stations/ks-songnan"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Managed]:
    with managed(tmp_path) as made:
        yield made


def sent(client: StaffClient, path: str, **fields: str) -> httpx.Response:
    answer: httpx.Response = client.send(path, fields)
    return answer


def newest(town: Managed) -> Entry:
    return next(town.registry.audit.newest())


def test_a_manager_has_no_such_page(town: Managed) -> None:
    client = town.client()
    assert client.get(f"{HERE}/register").status_code == 403
    assert sent(client, f"{HERE}/retire", reason="x").status_code == 403
    assert "登记信息" not in visible(client.get(HERE).text)
    assert len(town.registry.stations()) == 2


def test_a_station_is_renamed_and_put_elsewhere(town: Managed) -> None:
    client = town.client("qian")
    assert "登记信息" in visible(client.get(HERE).text)
    answer = sent(
        client,
        f"{HERE}/register",
        name_zh="淞南新站",
        region="kunshan",
        address="新街 2 号",
        lat="31.3",
        lon="121.0",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}/register?done=saved")
    town.tick()
    place = town.current.get().stations["ks-songnan"]
    assert (place.name.zh, place.region_id, place.address) == ("淞南新站", "kunshan", "新街 2 号")
    shown = client.get(f"{HERE}/register?done=saved").text
    assert "已保存" in visible(shown)
    assert 'value="淞南新站"' in shown
    by = {one.by for one in town.registry.audit.newest() if one.subject == "ks-songnan"}
    assert "qian" in by


def test_what_cannot_be_is_marked_and_stands_as_it_was_written(town: Managed) -> None:
    client = town.client("qian")
    before = town.registry.revision()
    answer = sent(
        client, f"{HERE}/register", name_zh="新", lat="九十一", lon="121", region="songnan"
    )
    assert answer.status_code == 422
    assert "请更正标出的内容" in visible(answer.text)
    assert 'value="九十一"' in answer.text
    answer = sent(client, f"{HERE}/register", name_zh="新", lat="91", lon="121")
    assert answer.text.count('aria-invalid="true"') == 1
    assert town.registry.revision() == before


def test_a_station_is_retired_and_brought_back(town: Managed) -> None:
    town.report(3)
    client = town.client("qian")
    assert "删除误登记" not in visible(client.get(f"{HERE}/register").text), "it has reported"
    assert sent(client, f"{HERE}/retire", reason="").status_code == 422
    late = town.clock.now() + timedelta(days=2)
    answer = sent(client, f"{HERE}/retire", reason="租约到期", last_day=str(late.date()))
    assert answer.status_code == 422
    assert "日期还没到" in visible(answer.text)
    assert sent(client, f"{HERE}/retire", reason="租约到期").status_code == 303
    town.tick()
    assert town.client().get("/stations/ks-songnan").status_code == 404
    assert client.get(HERE).status_code == 404
    shown = visible(client.get("/manage/retired?done=retired").text)
    assert "租约到期" in shown
    assert newest(town).action == "station.retired"
    assert "撤站" in visible(client.get("/audit").text)
    assert sent(client, "/manage/retired/ks-songnan").status_code == 303
    town.tick()
    assert client.get(HERE).status_code == 200
    assert sent(client, "/manage/retired/ks-songnan").status_code == 404
    assert "没有已撤的驿站" in visible(client.get("/manage/retired").text)


def test_an_alert_of_a_retired_station_is_over_and_its_story_says_why(town: Managed) -> None:
    town.report(40, climate={"room_c": 3.0, "heating": "off", "setpoint_c": 20.0})
    states = town.registry.alerts.newest("ks-songnan", is_open=True)
    fired = [one for one in states if one.phase == "firing"]
    assert fired
    client = town.client("qian")
    assert sent(client, f"{HERE}/retire", reason="租约到期").status_code == 303
    town.tick()
    town.tick()
    assert town.registry.alerts.newest("ks-songnan", is_open=True) == ()
    shown = visible(client.get(f"/manage/alerts/{fired[0].id}").text)
    assert "驿站已撤销或删除" in shown
    assert client.get("/manage").status_code == 200


def test_only_what_never_reported_is_removed(town: Managed) -> None:
    town.report(1)
    client = town.client("qian")
    assert sent(client, f"{HERE}/remove").status_code == 422
    assert "删除误登记" in visible(client.get(f"/manage/stations/{OTHER}/register").text)
    assert sent(client, f"/manage/stations/{OTHER}/remove").status_code == 303
    assert [one.id for one in town.registry.stations()] == ["ks-songnan"]


def test_regions_are_renamed_moved_and_removed(town: Managed) -> None:
    client = town.client("qian")
    assert "昆山" in visible(client.get("/manage/regions").text)
    region = town.registry.stations()[0].region_id
    answer = sent(client, f"/manage/regions/{region}", name_zh="新淞南", name_en="New Songnan")
    assert answer.status_code == 303
    town.tick()
    assert "新淞南" in visible(client.get("/manage/regions").text)
    assert sent(client, f"/manage/regions/{region}/remove").status_code == 422
    assert sent(client, f"/manage/regions/{region}", parent="nowhere").status_code == 422


def test_nobody_puts_a_place_where_they_have_no_say(town: Managed) -> None:
    region = town.registry.stations()[0].region_id
    town.add("sun", "district", f"region:{region}", "孙")
    client = town.client("sun")
    answer = sent(client, f"{HERE}/register", region="kunshan")
    assert answer.status_code == 422
    assert sent(client, f"/manage/regions/{region}", parent="kunshan").status_code in (303, 422)
    assert town.registry.stations()[0].region_id == region


def program(town: Managed, login: str = "qian") -> Callable[..., httpx.Response]:
    """Asks the API with a token of all that somebody may do."""
    client, key, now = town.stranger(), new_token(), town.clock.now()
    token = Token(0, "all", frozenset(Right), (EVERYWHERE,), now, now + timedelta(days=9))
    entry = Entry(now, "test", "token.made", login)
    town.registry.tokens.add(login, token, kept(key), entry)

    def ask(method: str, path: str, **said: str | float) -> httpx.Response:
        headers = {"authorization": f"Bearer {key}"}
        body = {"json": said} if said else {}
        return client.ask(method, f"/api/v1{path}", headers=headers, **body)

    return ask


def test_a_program_does_the_same_with_its_token(town: Managed) -> None:
    town.report(1)
    ask, songnan = program(town), "/stations/ks-songnan"
    assert ask("PATCH", songnan, name_zh="新站", lat=31.3, lon=121.0).status_code == 204
    refused = ask("PATCH", songnan, region="nowhere")
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "region is no region of yours",
    )
    assert "give any of name_zh" in ask("PATCH", songnan).json()["detail"]
    assert ask("PATCH", songnan, seats=4).status_code == 422
    assert ask("DELETE", songnan).status_code == 409
    assert ask("POST", f"{songnan}/retire", reason="x", last_day="2999-01-01").status_code == 422
    assert ask("POST", f"{songnan}/retire", reason="租约到期").status_code == 204
    town.tick()
    (gone,) = ask("GET", "/retired").json()["retired"]
    assert (gone["station_id"], gone["name_zh"], gone["reason"]) == (
        "ks-songnan",
        "新站",
        "租约到期",
    )
    assert ask("POST", f"{songnan}/return").status_code == 204
    town.tick()
    assert ask("GET", "/retired").json() == {"retired": []}
    assert ask("PATCH", "/regions/songnan", name_en="New").status_code == 204
    assert ask("DELETE", "/regions/songnan").status_code == 409
    assert ask("DELETE", f"/stations/{OTHER}").status_code == 204
    assert program(town, "li")("DELETE", songnan).status_code == 403
