from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.client import Client
from tests.support.snapshots import NOW, city
from tests.support.web import Web, web
from warmstation_server.places import Text
from warmstation_server.publish.directory import Directory
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import PublicAlert, Snapshot
from warmstation_server.web.boards.address import Asked, asked
from warmstation_server.web.boards.around import in_order, middle
from warmstation_server.web.boards.door import door
from warmstation_server.web.boards.qr import QUIET, qr
from warmstation_server.web.boards.walking import heading, in_words, walk
from warmstation_server.web.boards.wall import wall
from warmstation_server.web.static_site import StaticSite
from warmstation_server.web.words import Words

ZH, EN = Words("zh-CN"), Words("en")
HERE = (31.385, 120.98)
SITE = Site("https://stations.example.org")


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return city()


@pytest.fixture(scope="module")
def board(snapshot: Snapshot) -> Web:
    return web(snapshot)


def page(board: Web, path: str) -> str:
    answer = Client(board.app).get(path)
    assert answer.status_code == 200
    return answer.text


# Which board an address asks for


def test_a_region_has_a_wall_and_a_station_a_door(snapshot: Snapshot) -> None:
    assert asked("/board/ks", b"", snapshot) == Asked("wall", "ks")
    assert asked("/board/ks-024", b"", snapshot) == Asked("door", "ks-024")


def test_where_a_region_and_a_station_share_an_id_the_region_comes_first(
    snapshot: Snapshot,
) -> None:
    station = replace(snapshot.stations["ks-024"], id="ks")
    both = replace(snapshot, stations={**snapshot.stations, "ks": station})
    assert asked("/board/ks", b"", both) == Asked("wall", "ks")
    assert asked("/board/ks/door", b"", both) == Asked("door", "ks")


@pytest.mark.parametrize(
    "path",
    ["/board/", "/board/nowhere", "/board/ks/0", "/board/ks/10", "/board/ks/x", "/board/ks/²",
     "/board/ks/door", "/board/ks-024/2", "/board/ks/2/3"],
)  # fmt: skip
def test_what_is_no_board_is_not_found(snapshot: Snapshot, board: Web, path: str) -> None:
    assert asked(path, b"", snapshot) is None
    assert Client(board.app).get(path).status_code == 404


@pytest.mark.parametrize(
    ("query", "at"),
    [
        (b"at=31.38512,120.98", (31.3851, 120.98)),
        (b"at=ks-024", "ks-024"),
        (b"at=91,0", None),
        (b"at=nan,inf", None),
        (b"at=here", None),
        (b"", None),
    ],
)
def test_a_wall_hangs_where_it_is_told_or_nobody_knows_where(
    snapshot: Snapshot, query: bytes, at: object
) -> None:
    if isinstance(at, str):
        at = (snapshot.stations[at].lat, snapshot.stations[at].lon)
    found = asked("/board/ks", query, snapshot)
    assert found is not None
    assert found.at == at


# The way


def test_a_walk_takes_a_minute_for_sixty_metres_of_the_straight_line() -> None:
    way = walk(HERE, (HERE[0] + 300 / 111_320, HERE[1]))
    assert (way.metres, way.minutes, way.heading) == (300, 5, "n")
    assert in_words(way, EN) == "north · 5 min walk"


def test_what_is_too_far_to_walk_is_told_in_kilometres() -> None:
    assert in_words(walk(HERE, (HERE[0], HERE[1] + 0.1)), ZH) == "向东 · 10 公里"


@pytest.mark.parametrize(
    ("north", "east", "wind"), [(1, 1, "ne"), (-1, 1, "se"), (-1, -1, "sw"), (1, -1, "nw")]
)
def test_a_heading_is_one_of_eight_winds(north: int, east: int, wind: str) -> None:
    assert heading((0.0, 0.0), (north / 100, east / 100)) == wind


# The wall


def test_the_nearest_station_with_room_comes_first(snapshot: Snapshot) -> None:
    found = in_order(snapshot.stations.values(), snapshot, HERE)
    it = wall("ks", HERE, snapshot, NOW, ZH)
    assert it.sheets[0][0].card.station.id == found[0].id
    assert it.nearest[0].name == found[0].name.zh
    assert [len(sheet) for sheet in it.sheets] == [9, 9, 9, 9]
    assert it.left_out == 64


def test_what_is_closed_or_silent_is_never_where_to_go(snapshot: Snapshot) -> None:
    shut = {
        id_: status.model_copy(update={"is_open": False})
        for id_, status in snapshot.statuses.items()
    }
    it = wall("ks", HERE, replace(snapshot, statuses=shut), NOW, EN)
    assert {one.name for one in it.nearest} == {"none now"}
    assert it.tiles[1].value is None


def test_nobody_knows_how_far_it_is_from_a_display_without_a_place(snapshot: Snapshot) -> None:
    it = wall("ks", None, snapshot, NOW, EN)
    assert not it.is_placed
    assert "walk" not in "".join(spot.way for sheet in it.sheets for spot in sheet)
    assert {area.name for area in it.areas} == {"Yushan", "Qiandeng", "Huaqiao", "张浦镇"}


def test_a_region_that_can_be_walked_through_is_a_place_itself(snapshot: Snapshot) -> None:
    near = [replace(snapshot.stations[f"ks-00{i}"], lat=31.38 + i / 1000) for i in range(3)]
    assert middle(near) is None
    at_once = [replace(station, lon=121.0) for station in near]
    assert middle(at_once) == pytest.approx((31.381, 121.0))
    assert middle([]) is None


def test_the_newest_troubles_that_concern_the_region_are_told(snapshot: Snapshot) -> None:
    text = Text("室温低于 16 °C", "Room below 16 °C")
    since = NOW - timedelta(minutes=42)
    alerts = (PublicAlert("a", "ks-007", "cold", since, text),)
    told = replace(snapshot, alerts=alerts)
    street = snapshot.stations["ks-007"].region_id
    assert [one.text for one in wall(street, None, told, NOW, EN).troubles] == ["Room below 16 °C"]
    other = next(s.region_id for s in snapshot.stations.values() if s.region_id != street)
    assert wall(other, None, told, NOW, EN).troubles == ()


def test_sheets_follow_each_other_without_a_script(board: Web) -> None:
    seen, path = [], "/board/ks?at=31.385,120.98"
    for _ in range(5):
        found = re.search(r'http-equiv="refresh" content="20;url=([^"]+)"', page(board, path))
        assert found
        seen.append(path)
        path = found[1].replace("&amp;", "&")
    assert seen[0].startswith("/board/ks?")
    assert [one.partition("?")[0] for one in seen[1:4]] == [f"/board/ks/{n}" for n in (2, 3, 4)]
    assert seen[4].startswith("/board/ks?")


def test_one_sheet_is_in_front_and_simulated_data_says_so(board: Web) -> None:
    text = page(board, "/en/board/ks/2")
    assert len(re.findall(r'<section class="sheet[^"]*">', text)) == 1
    assert len(re.findall(r'<section class="sheet[^"]*" hidden>', text)) == 4
    assert "Demo: stations and data are simulated" in text


# The door


def test_a_full_station_sends_on_to_the_nearest_with_room(snapshot: Snapshot, board: Web) -> None:
    it = door(snapshot.stations["ks-001"], snapshot, SITE, NOW, EN)
    assert not it.is_help
    assert len(it.next) == 3
    assert all("walk" in one.way for one in it.next[:1])
    assert "No room here now" in page(board, "/en/board/ks-001")


def test_an_open_door_says_until_when(snapshot: Snapshot) -> None:
    it = door(snapshot.stations["ks-024"], snapshot, SITE, NOW, ZH)
    assert it.is_help
    assert it.state == "开放至 22:00"


def test_a_silent_door_shows_no_figures(board: Web) -> None:
    text = page(board, "/en/board/ks-003")
    figures = text.split("three-figures")[1].split("</dl>")[0]
    assert "data-live>" not in figures.replace("<span data-live>?</span>", "")
    assert figures.count("unsure") >= 3


def test_the_code_leads_to_the_riders_page(snapshot: Snapshot) -> None:
    zh = door(snapshot.stations["ks-024"], snapshot, SITE, NOW, ZH).qr
    assert zh == qr("https://stations.example.org/stations/ks-024")
    en = door(snapshot.stations["ks-024"], snapshot, SITE, NOW, EN).qr
    assert en == qr("https://stations.example.org/en/stations/ks-024")
    assert zh.path.startswith(f"M{QUIET} {QUIET}h1v1h-1z")


def test_a_plain_directory_holds_every_board(tmp_path: Path) -> None:
    few = web(city(3))
    site = StaticSite(few.current, SITE, few.clock, Directory(tmp_path))
    site.write(few.renderer.documents)
    for name in ("board/ks", "en/board/ks/2", "board/ks-002", "en/board/ks-qiandeng"):
        assert (tmp_path / name / "index.html").is_file()
    few.clock.advance(seconds=30)
    assert not any("/board/" in path for path in site.write(few.renderer.documents))
    few.clock.advance(seconds=30)
    assert any("/board/" in path for path in site.write(few.renderer.documents))
