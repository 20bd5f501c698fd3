from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.migrated import migrated
from tests.support.places import station
from tests.support.sheets import HEADER, ROW, workbook
from warmstation_server.places import Region, Text
from warmstation_server.registry import BadPlace, Columns, ImportOutcome, Registry, dumps, read
from warmstation_server.registry.gcj02 import from_wgs84

SITES = Path(__file__).parents[3] / "../shared/data/charging_sites/stations.csv"


def faults(outcome: ImportOutcome) -> list[tuple[int, str, str]]:
    return [(row.raw.place.row, row.fault.column, row.fault.value) for row in outcome.refused]


def test_toml_round_trip_is_exact_and_idempotent(
    registry: Registry, take: Any, tmp_path: Path
) -> None:
    stations = (station("ks-a"), station("ks-b", donors=(), chargers=(), contact_phone=None))
    registry.put([], stations)
    outcome = take("all.toml", dumps(registry.regions(), registry.stations()))
    assert outcome.stations.unchanged == ("ks-a", "ks-b")
    assert len(outcome.regions.unchanged) == 3
    with closing(Registry.open(migrated(tmp_path / "other.db"))) as other:
        assert other.take(read(tmp_path / "all.toml").rows).refused == ()
        assert other.stations() == stations
        assert other.regions() == registry.regions()


def test_the_same_file_twice_changes_nothing(registry: Registry, take: Any) -> None:
    assert take("s.csv", f"{HEADER}\n{ROW}\n").stations.added == ("ks-a",)
    before = registry.revision()
    assert take("s.csv", f"{HEADER}\n{ROW}\n").stations.unchanged == ("ks-a",)
    assert registry.revision() == before
    assert take("s.csv", f"{HEADER}\n{ROW[:-2]}13\n").stations.changed == ("ks-a",)
    assert registry.stations()[0].capacity == 13


def test_refused_rows_never_stop_the_good_ones(registry: Registry, take: Any) -> None:
    rows = [
        ROW,
        "KS_B,kunshan,乙,31.26,121.0,songnan,24/7,12",
        "ks-c,kunshan,丙,91,121.0,songnan,24/8,0",
        "ks-d,kunshan,丁,31.26,121.0,nowhere,24/7,12",
        "ks-a,kunshan,又,31.26,121.0,songnan,24/7,12",
        "ks-e,kunshan,戊,31.26,121.0,songnan,Mo-Fr 9-18,12",
        "ks-f,kunshan,,31.26,,songnan,24/7,12",
        "ks-g,kunshan,己,31.26,121.0,songnan,24/7,12",
    ]
    outcome = take("s.csv", "\n".join([HEADER, *rows]))
    assert outcome.stations.added == ("ks-a", "ks-g")
    assert faults(outcome) == [
        (3, "id", "KS_B"),
        (4, "lat", "91"),
        (4, "hours", "24/8"),
        (4, "capacity", "0"),
        (5, "region", "nowhere"),
        (6, "id", "ks-a"),
        (7, "hours", "Mo-Fr 9-18"),
        (8, "name_zh", ""),
        (8, "lon", ""),
    ]
    assert outcome.refused_rows == 6
    reasons = [row.fault.reason for row in outcome.refused]
    assert "is already in s.csv row 2" in reasons
    assert all("\n" not in reason for reason in reasons)
    assert [one.id for one in registry.stations()] == ["ks-a", "ks-g"]


def test_strict_takes_all_or_nothing(registry: Registry, take: Any) -> None:
    revision = registry.revision()
    outcome = take("s.csv", f"{HEADER}\n{ROW}\nks-b,,,,,,,\n", strict=True)
    assert not outcome.is_committed
    assert outcome.refused
    assert registry.stations() == ()
    assert registry.revision() == revision


def test_a_dry_run_tells_and_leaves_all_as_it_is(registry: Registry, take: Any) -> None:
    outcome = take("s.csv", f"{HEADER}\n{ROW}\n", dry_run=True)
    assert outcome.stations.added == ("ks-a",)
    assert not outcome.is_committed
    assert registry.stations() == ()


def test_what_a_row_does_not_say_stays(registry: Registry, take: Any) -> None:
    registry.put([], [station("ks-a")])
    outcome = take("s.csv", "id,capacity,hours\nks-a,40,\n")
    assert outcome.stations.changed == ("ks-a",)
    assert registry.stations() == (station("ks-a", capacity=40),)


def test_toml_can_empty_what_was_there(registry: Registry, take: Any) -> None:
    registry.put([], [station("ks-a")])
    take(
        "s.toml",
        '[[stations]]\nid = "ks-a"\ndonors = {}\nfacilities = []\nphone_chargers = 0\naddress = ""',
    )
    (found,) = registry.stations()
    assert (found.donors, found.facilities, found.address) == ((), (), "")
    assert [plan.kind for plan in found.chargers] == ["ebike"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_chinese_sheets_are_read_as_they_are_saved(
    registry: Registry, take: Any, encoding: str, delimiter: str
) -> None:
    columns = ["站点编号", "区县", "站点名称", "纬度", "经度(WGS84)", "所属社区", "开放时间"]
    columns += ["座位数", "设施", "捐赠方", "联系电话", "备注"]
    cells = ["ks-a", "kunshan", "暖新驿站", "31.26", "121.0", "songnan"]
    cells += [
        "周一至周五 9：00－18：00",
        "12",
        "wifi、toilet",
        "water=红十字会",
        "13800000000",
        "x",
    ]
    text = "昆山市暖新驿站一览表\r\n" + delimiter.join(columns) + "\r\n" + delimiter.join(cells)
    outcome = take("s.csv", text.encode(encoding))
    assert outcome.refused == ()
    (found,) = registry.stations()
    assert (found.name.zh, found.hours) == ("暖新驿站", "Mo-Fr 9:00-18:00")
    assert found.facilities == ("wifi", "toilet")
    assert found.donors == (("water", "红十字会"),)
    assert found.contact_phone == "13800000000"


def test_lists_in_cells_are_separated_by_semicolons(registry: Registry, take: Any) -> None:
    row = f"{HEADER},supplies,donors,access_methods,simulated\n{ROW},water;noodles,a=X;b=Y,qr,是\n"
    assert take("s.csv", row).refused == ()
    (found,) = registry.stations()
    assert found.supplies == ("water", "noodles")
    assert found.donors == (("a", "X"), ("b", "Y"))
    assert found.access_methods == ("qr",)
    assert found.is_simulated


def test_lists_may_have_commas_and_so_may_who_gives(registry: Registry, take: Any) -> None:
    cells = '"wifi, toilet","water，bread","water=红十字, 昆山"'
    sheet = f"{HEADER},facilities,supplies,donors\n{ROW},{cells}\n"
    assert take("s.csv", sheet).refused == ()
    (found,) = registry.stations()
    assert (found.facilities, found.supplies) == (("wifi", "toilet"), ("water", "bread"))
    assert found.donors == (("water", "红十字, 昆山"),)


def test_a_workbook_with_regions_and_stations(registry: Registry, take: Any) -> None:
    book = workbook(
        说明=[["填表说明"], ["请勿修改"]],
        stations=[
            ["2026 年统计"],
            ["编号", "区县", "名称", "纬度", "经度", "区域", "营业时间", "席位", "联系电话"],
            ["yc-a", "yucheng", "甲", 31.26, 121.0, "yucheng", "24小时", 12.0, 13800000000],
            [None, None],
            ["yc-b", "yucheng", "乙", "31.26x", 121.0, "yucheng", "24/7", 12.5, None],
        ],
        regions=[["region_id", "名称", "级别"], ["yucheng", "禹城", "city"]],
    )
    outcome = take("s.xlsx", book)
    assert outcome.regions.added == ("yucheng",)
    assert outcome.stations.added == ("yc-a",)
    assert faults(outcome) == [(5, "lat", "31.26x"), (5, "capacity", "12.5")]
    assert registry.stations()[0].contact_phone == "13800000000"
    assert registry.stations()[0].hours == "24/7"


def test_coordinates_from_a_chinese_map_become_wgs84(registry: Registry, take: Any) -> None:
    lat, lon = from_wgs84(31.26, 121.0)
    row = f"ks-a,kunshan,甲,{lat},{lon},songnan,24/7,12,GCJ-02"
    assert take("s.csv", f"{HEADER},坐标系\n{row}\n").refused == ()
    (found,) = registry.stations()
    assert (found.lat, found.lon) == pytest.approx((31.26, 121.0), abs=1e-6)
    assert take("s.csv", f"{HEADER},coordinates\n{row}\n").stations.unchanged == ("ks-a",)


def test_one_word_at_the_top_of_a_toml_file_holds_for_all(registry: Registry, take: Any) -> None:
    lat, lon = from_wgs84(31.26, 121.0)
    text = dumps([], [station("ks-a", lat=lat, lon=lon)])
    assert take("s.toml", f'coordinates = "gcj02"\n{text}').refused == ()
    assert registry.stations()[0].lat == pytest.approx(31.26, abs=1e-6)
    only = 'coordinates = "gcj02"\n[[stations]]\nid = "ks-a"\ncapacity = 5\n'
    assert take("s.toml", only).stations.changed == ("ks-a",)
    assert registry.stations()[0].lat == pytest.approx(31.26, abs=1e-6)


def test_an_unknown_coordinate_system_is_refused(take: Any) -> None:
    outcome = take("s.csv", f"{HEADER},coordinates\n{ROW},bd09\n")
    assert faults(outcome) == [(2, "coordinates", "bd09")]


def test_one_coordinate_alone_does_not_move_a_station(registry: Registry, take: Any) -> None:
    registry.put([], [station("ks-a")])
    assert faults(take("s.csv", "id,lat\nks-a,31.3\n")) == [(2, "lon", "")]


def test_regions_lie_in_wider_ones_in_any_order(registry: Registry, take: Any) -> None:
    text = """id,name_zh,level,parent
lane,里,community,road
road,路,street,kunshan
odd,怪,city,road
loop,环,street,loop
lost,失,street,nowhere
high,高,planet,
kunshan,昆山,community,
"""
    outcome = take("regions.csv", text)
    assert outcome.regions.added == ("road", "lane")
    assert [(key, column) for key, column, _ in faults(outcome)] == [
        (4, "parent"),
        (5, "parent"),
        (6, "parent"),
        (7, "level"),
        (8, "level"),
    ]
    assert {region.id: region.parent_id for region in registry.regions()}["lane"] == "road"


def test_unknown_keys_are_refused_in_toml_and_told_in_sheets(take: Any, tmp_path: Path) -> None:
    outcome = take("s.toml", dumps([], [station("ks-a")]) + "capcity = 3\n")
    assert faults(outcome) == [(1, "capcity", "3")]
    path = tmp_path / "s.csv"
    path.write_text(f"{HEADER},capcity\n{ROW},3\n", encoding="utf-8")
    assert any("capcity" in warning for warning in read(path).warnings)


def test_putting_a_bad_place_says_which_and_why(registry: Registry) -> None:
    with pytest.raises(BadPlace, match=r"station ks-b: hours .*24/8"):
        registry.put([], [station("ks-a"), station("ks-b", hours="24/8")])
    assert registry.stations() == ()
    with pytest.raises(BadPlace, match="wide"):
        registry.put([Region("wide", Text("宽"), "city", "songnan")], [])


def test_adding_never_overwrites(registry: Registry) -> None:
    values = {"id": "ks-a", "district": "kunshan", "region": "songnan", "name_zh": "甲"}
    values |= {"lat": "31.26", "lon": "121", "hours": "24/7", "capacity": "3"}
    assert registry.add(values).capacity == 3
    with pytest.raises(BadPlace, match="registered already"):
        registry.add(values)


@pytest.mark.skipif(not SITES.exists(), reason="the shared recordings are not on this machine")
def test_a_real_list_of_charging_sites_is_taken_whole(registry: Registry) -> None:
    columns = Columns.parse(
        ["id=sz-{station_id},name_zh=充电站 {station_id}", "ebike_chargers=count"],
        ["district=shenzhen,region=kunshan,hours=Mo-Su 06:00-23:00,capacity=10"],
    )
    contents = read(SITES, columns)
    outcome = registry.take(contents.rows)
    assert (len(outcome.stations.added), outcome.refused) == (1706, ())
    assert outcome.warnings == ("109 stations have exactly the coordinates of another one",)
    assert any("coordinate system" in warning for warning in contents.warnings)
    assert sum(not one.chargers for one in registry.stations()) == 62
    assert len(registry.take(contents.rows).stations.unchanged) == 1706
