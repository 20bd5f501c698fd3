from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.support.migrated import migrated
from warmstation_edge.simulator.errors import BadFleet
from warmstation_edge.simulator.fleet import NAMES, load
from warmstation_edge.simulator.parts import check_part
from warmstation_edge.simulator.registry_file import registry_toml
from warmstation_edge.simulator.wiring import profile_of
from warmstation_server.registry.imports import read
from warmstation_server.registry.registry import Registry
from warmstation_wire import Topic
from warmstation_wire.topics import Leaf

BOXES = {
    "kunshan": (31.10, 31.55, 120.80, 121.16),
    "xifeng": (35.4, 36.0, 107.4, 108.0),
    "haibowan": (39.4, 39.9, 106.6, 107.1),
    "xinghualing": (37.8, 38.05, 112.5, 112.75),
    "feicheng": (35.88, 36.33, 116.45, 117.0),
}
"""South, north, west, east of each city or district, generously."""


def test_fleets_have_the_stations_of_the_reference_sites() -> None:
    counts = {name: len(load(name).stations) for name in NAMES}
    assert counts["kunshan"] == 100
    assert counts["xifeng"] == 19
    assert counts["haibowan"] == 1
    assert 12 <= counts["xinghualing"] <= 20
    assert 16 <= counts["feicheng"] <= 24
    assert len(load("all").stations) == sum(counts.values())


@pytest.mark.parametrize("name", NAMES)
def test_stations_lie_in_their_city_and_carry_its_district(name: str) -> None:
    south, north, west, east = BOXES[name]
    for station in load(name).stations:
        assert south < station.lat < north, station.id
        assert west < station.lon < east, station.id
        assert station.district == name


def test_ids_are_unique_and_fit_for_topics() -> None:
    fleet = load("all")
    stations = [station.id for station in fleet.stations]
    regions = [region.id for region in fleet.regions]
    assert len(set(stations)) == len(stations)
    assert len(set(regions)) == len(regions)
    for station in fleet.stations:
        topic = Topic(station.district, station.id, Leaf.REPORT)
        assert Topic.parse(str(topic)) == topic


def test_names_are_in_both_languages_and_unique() -> None:
    stations = load("all").stations
    assert len({station.name_zh for station in stations}) == len(stations)
    assert len({station.name_en for station in stations}) == len(stations)
    assert all(station.name_en.isascii() for station in stations)
    assert all("模拟" in station.address for station in stations), "made up, and says so"


@pytest.mark.parametrize("name", [*NAMES, "all"])
def test_every_region_stands_after_its_parent_and_every_station_in_a_region(name: str) -> None:
    fleet = load(name)
    seen: set[str] = set()
    for region in fleet.regions:
        assert region.parent is None or region.parent in seen, region.id
        seen.add(region.id)
    assert {station.region for station in fleet.stations} <= seen


def test_all_fleets_hang_below_one_province() -> None:
    roots = [region for region in load("all").regions if region.parent is None]
    assert [root.level for root in roots] == ["province"]


def test_songnan_is_a_community_of_qiandeng() -> None:
    fleet = load("kunshan")
    songnan = next(station for station in fleet.stations if station.id == "ks-songnan")
    community = next(region for region in fleet.regions if region.id == songnan.region)
    assert (community.name_zh, community.parent) == ("淞南社区", "ks-qiandeng")
    assert songnan.address == "江苏省昆山市千灯镇淞南社区(模拟)"


def test_kunshan_has_all_three_kinds_of_hosts_and_ten_towns() -> None:
    fleet = load("kunshan")
    assert {station.host_type for station in fleet.stations} == {"community", "property", "shop"}
    assert sum(region.level == "street" for region in fleet.regions) == 10


def test_xifeng_has_donors_for_each_item() -> None:
    for station in load("xifeng").stations:
        assert set(station.supplies) <= {item for item, _ in station.donors}


def test_feicheng_has_four_tiers() -> None:
    fleet = load("feicheng")
    regions = {region.id: region for region in fleet.regions}
    for station in fleet.stations:
        levels, region = [], regions[station.region]
        while region.level != "city":
            levels.append(region.level)
            region = regions[region.parent or ""]
        assert levels == ["grid", "community", "street", "district"]


def test_haibowan_is_one_large_market() -> None:
    (market,) = load("haibowan").stations
    assert market.visits_per_day >= 300
    assert market.capacity >= 100
    assert "wall_display" in market.facilities


def test_every_station_can_be_wired_and_every_standing_fault_shown() -> None:
    for station in load("all").stations:
        profile = profile_of(station, ("127.0.0.1", 1883), Path("outbox.db"), Path("one-wire"))
        assert len(profile.chargers) == station.phone_chargers + station.ebike_chargers
        for fault in station.faults:
            check_part(station, fault)


def test_kunshan_shows_more_than_good_days() -> None:
    faults = {fault.name.value for station in load("kunshan").stations for fault in station.faults}
    assert {"heater_dead", "power_cut", "water_empty", "sensor_85"} <= faults
    assert any(len(station.sensors) < 8 for station in load("kunshan").stations)


def test_loading_twice_gives_the_same_fleet() -> None:
    assert load("all") == load("all")


def test_an_unknown_fleet_names_those_there_are() -> None:
    with pytest.raises(BadFleet, match=r"'paris'; there are kunshan, .* and all"):
        load("paris")


def test_the_registry_file_holds_every_station_marked_as_simulated() -> None:
    fleet = load("all")
    tables = tomllib.loads(registry_toml(fleet))
    assert [row["id"] for row in tables["stations"]] == [one.id for one in fleet.stations]
    assert [row["id"] for row in tables["regions"]] == [one.id for one in fleet.regions]
    assert all(row["simulated"] is True for row in tables["stations"])
    beidajie = next(row for row in tables["stations"] if row["id"] == "xf-beidajie")
    assert beidajie["donors"]["noodles"] == "爱心企业(模拟)"


def test_the_server_imports_the_registry_file_without_a_refused_row(tmp_path: Path) -> None:
    file = tmp_path / "all.toml"
    file.write_text(registry_toml(load("all")), encoding="utf-8")
    registry = Registry.open(migrated(tmp_path / "registry.db"))
    try:
        outcome = registry.take(read(file).rows)
        assert not outcome.refused
        assert len(registry.stations()) == len(load("all").stations)
        assert all(station.is_simulated for station in registry.stations())
    finally:
        registry.close()
