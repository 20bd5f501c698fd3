"""Stations that end and come back, places that were a mistake: nothing of the past is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.places import REGIONS, station
from warmstation_server.accounts.audit import Author, Entry
from warmstation_server.accounts.person import Person
from warmstation_server.accounts.role import Role
from warmstation_server.accounts.scope import Tree, at_region, at_station
from warmstation_server.enrolment.claim import Claim
from warmstation_server.places import Region, Retired, Text
from warmstation_server.registry import (
    BadPlace,
    Registry,
    StillNeeded,
    UnknownPlace,
    UnknownStation,
)
from warmstation_server.registry.single import row

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WANG = Author(NOW, "wang")
OTHER = Region("zhoushi", Text("周市镇", "Zhoushi"), "street", "kunshan")
ONE, TWO = station("ks-one"), station("ks-two")


@pytest.fixture(autouse=True)
def places(registry: Registry) -> None:
    registry.put([OTHER], [ONE, TWO])


def newest(registry: Registry, count: int = 1) -> list[Entry]:
    lines = registry.audit.newest()
    return [next(lines) for _ in range(count)]


def change(registry: Registry, at: datetime = NOW, **columns: Any) -> None:
    assert registry.change("station", "ks-one", columns, Author(at, "wang"))


def test_a_retired_station_is_none_any_more_and_comes_back_as_it_was(registry: Registry) -> None:
    before = registry.revision()
    gone = registry.lives.retire("ks-one", NOW - HOUR, "  租约 到期 ", WANG)
    assert gone == Retired(ONE, NOW - HOUR, "租约 到期") == registry.retired()[0]
    assert registry.stations() == (TWO,)
    (line,) = newest(registry)
    assert (line.action, line.subject, line.by) == ("station.retired", "ks-one", "wang")
    assert line.after == {"from": "2026-11-21T03:00:00+00:00", "reason": "租约 到期"}
    assert registry.revision() == before + 1
    registry.lives.bring_back("ks-one", NOW, Author(NOW + HOUR, "li"))
    assert (registry.stations(), registry.retired()) == ((ONE, TWO), ())
    (line,) = newest(registry)
    assert (line.action, line.after) == ("station.returned", {"from": "2026-11-21T04:00:00+00:00"})
    assert registry.revision() == before + 2
    assert registry.audit.check().fault is None


def test_what_makes_no_sense_is_one_sentence_and_changes_nothing(registry: Registry) -> None:
    revision, lives = registry.revision(), registry.lives
    with pytest.raises(UnknownStation, match="ks-none"):
        lives.retire("ks-none", NOW, "x", WANG)
    with pytest.raises(BadPlace, match="reason"):
        lives.retire("ks-one", NOW, " \n ", WANG)
    with pytest.raises(BadPlace, match="200"):
        lives.retire("ks-one", NOW, "x" * 201, WANG)
    with pytest.raises(BadPlace, match="not before"):
        lives.retire("ks-one", NOW + HOUR, "x", WANG)
    with pytest.raises(BadPlace, match="not retired"):
        lives.bring_back("ks-one", NOW, WANG)
    assert registry.revision() == revision
    lives.retire("ks-one", NOW, "x", WANG)
    with pytest.raises(BadPlace, match="already, on 2026-11-21"):
        lives.retire("ks-one", NOW, "again", WANG)
    with pytest.raises(BadPlace, match="not before"):
        lives.bring_back("ks-one", NOW + HOUR, WANG)


def test_an_import_does_not_bring_it_back_and_says_so(registry: Registry) -> None:
    registry.lives.retire("ks-one", NOW, "x", WANG)
    outcome = registry.take([row("station", {"id": "ks-one", "capacity": 40})])
    assert outcome.stations.changed == ("ks-one",)
    (said,) = (one for one in outcome.warnings if "retired" in one)
    assert said.startswith("1 station is retired and not brought back")
    (kept,) = registry.retired()
    assert (kept.station.capacity, kept.reason) == (40, "x")
    with pytest.raises(BadPlace, match="station return ks-one"):
        registry.add({"id": "ks-one"})


def test_the_broker_hears_no_retired_station_and_nobody_has_to_enrol_it_again(
    registry: Registry,
) -> None:
    enrolments = registry.enrolments
    for name in ("ks-one", "ks-two"):
        enrolments.add_claim(Claim(name, f"hash of {name}", NOW, NOW + 24 * HOUR))
    registry.lives.retire("ks-one", NOW, "x", WANG)
    assert set(enrolments.admission(NOW).admitted) == {"ks-two"}
    with pytest.raises(BadPlace, match="retired"):
        enrolments.add_claim(Claim("ks-one", "another", NOW, NOW + HOUR))
    registry.lives.bring_back("ks-one", NOW, WANG)
    assert set(enrolments.admission(NOW).admitted) == {"ks-one", "ks-two"}


def test_what_never_was_goes_without_a_trace_but_its_line(registry: Registry) -> None:
    registry.enrolments.add_claim(Claim("ks-one", "hash", NOW, NOW + HOUR))
    registry.lives.remove_station("ks-one", WANG)
    assert registry.stations() == (TWO,)
    (line,) = newest(registry)
    assert (line.action, line.places) == ("station.removed", (at_region("songnan"),))
    assert line.before["name_zh"] == ONE.name.zh
    registry.lives.remove_region("zhoushi", WANG)
    assert "zhoushi" not in {one.id for one in registry.regions()}
    (line,) = newest(registry)
    assert (line.action, line.places) == ("region.removed", (at_region("kunshan"),))


def test_what_something_is_kept_of_is_not_removed(registry: Registry) -> None:
    registry.add_rider_report("ks-one", "cold", "", language="zh-CN", client_address="::1", now=NOW)
    with pytest.raises(StillNeeded, match="riders reported: retire it"):
        registry.lives.remove_station("ks-one", WANG)
    person = Person("chen", "陈", Role.MANAGER, (at_station("ks-two"), at_region("zhoushi")))
    registry.people.add(person, "hash", by="wang", now=NOW)
    with pytest.raises(StillNeeded, match="account chen is for station:ks-two"):
        registry.lives.remove_station("ks-two", WANG)
    with pytest.raises(StillNeeded, match="account chen is for region:zhoushi"):
        registry.lives.remove_region("zhoushi", WANG)
    with pytest.raises(StillNeeded, match="station ks-one lies in region songnan"):
        registry.lives.remove_region("songnan", WANG)
    with pytest.raises(StillNeeded, match="region songnan lies in region qiandeng"):
        registry.lives.remove_region("qiandeng", WANG)
    with pytest.raises(UnknownPlace, match="nowhere"):
        registry.lives.remove_region("nowhere", WANG)
    assert len(registry.stations()) == 2


def test_a_region_that_figures_name_is_not_removed(registry: Registry) -> None:
    change(registry, region="zhoushi")
    change(registry, region="songnan")
    with pytest.raises(StillNeeded, match="ks-one stood in region zhoushi"):
        registry.lives.remove_region("zhoushi", WANG)


def test_who_saw_a_station_sees_where_it_went_and_who_sees_it_now_where_it_came_from(
    registry: Registry,
) -> None:
    change(registry, region="zhoushi", name_zh="新驿站")
    left, moved = newest(registry, 2)
    assert (moved.action, left.action) == ("station.changed", "station.left")
    assert moved.before == {"region": "songnan", "name_zh": ONE.name.zh}
    assert (left.before, left.after) == ({"region": "songnan"}, {"region": "zhoushi"})
    tree = Tree(
        {one.id: one for one in registry.regions()}, {one.id: one for one in registry.stations()}
    )
    old, new = (at_region("songnan"),), (at_region("zhoushi"),)
    assert [tree.is_within(left.places[0], scope) for scope in (old, new)] == [True, False]
    assert [tree.is_within(moved.places[0], scope) for scope in (old, new)] == [False, True]


def test_a_region_is_renamed_and_moved_in_the_same_way(registry: Registry) -> None:
    columns = {"name_zh": "淞南新村", "parent": "zhoushi"}
    assert registry.change("region", "songnan", columns, WANG)
    assert not registry.change("region", "songnan", columns, WANG)
    left, changed = newest(registry, 2)
    assert (left.action, left.places) == ("region.left", (at_region("qiandeng"),))
    assert changed.before == {"name_zh": REGIONS[2].name.zh, "parent": "qiandeng"}
    with pytest.raises(UnknownPlace, match="no region has the id 'nowhere'"):
        registry.change("region", "nowhere", {}, WANG)
    with pytest.raises(BadPlace, match="parent"):
        registry.change("region", "songnan", {"parent": "nowhere"}, WANG)
    with pytest.raises(UnknownPlace, match="no station has the id 'ks-none'"):
        registry.change("station", "ks-none", {"capacity": 1}, WANG)


def test_a_retired_station_still_lies_where_it_lay_for_who_looks_at_the_past() -> None:
    regions = {one.id: one for one in (*REGIONS, OTHER)}
    tree = Tree(regions, {}, {"ks-one": Retired(ONE, NOW, "x")})
    assert tree.is_within(at_station("ks-one"), (at_region("qiandeng"),))
    assert not tree.is_within(at_station("ks-one"), (at_region("zhoushi"),))
    assert tree.known("ks-one") == ONE
