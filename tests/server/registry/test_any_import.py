"""Imports in any order, with any wrong rows: the places stay a tree, and the log tells it all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from warmstation_server.accounts.audit import Entry
from warmstation_server.registry import Registry
from warmstation_server.registry.imports.raw import RawRow
from warmstation_server.registry.rows import LEVELS, RegionRow, StationRow
from warmstation_server.registry.rows import columns_of as columns
from warmstation_server.registry.rows import region_columns_of as region_columns
from warmstation_server.registry.single import row

Places = dict[tuple[str, str], dict[str, Any]]
"""What the columns of every place say, by kind and id; what is not known is left out."""
REGIONS = ("r1", "r2", "r3", "r4", "r5")
REGION = {
    "name_zh": ("甲", "乙", ""),
    "name_en": ("A", "B", ""),
    "level": (*LEVELS, "bogus"),
    "parent": (*REGIONS, "nowhere", ""),
}
STATION = {
    "district": ("kunshan", "x y"),
    "name_zh": ("站", "栈"),
    "lat": (31.2, "31.25", 99),
    "lon": (121.0, "121.1"),
    "region": REGIONS,
    "hours": ("Mo-Su 08:00-20:00", "Mo-Fr 7:00-21:00", "rubbish"),
    "capacity": (1, "15", 0),
    "phone_chargers": (2, "3", -1),
    "supplies": (["water"], ["water", "noodles", "water"]),
    "donors": ({"water": "红十字"}, {}),
    "contact_phone": ("0512-1234", "abc", ""),
}


@pytest.fixture
def registry(schema: str) -> Iterator[Registry]:
    with closing(Registry.open(schema)) as found:
        yield found


def some_rows(rng: random.Random) -> list[RawRow]:
    found = []
    for _ in range(rng.randrange(1, 8)):
        if rng.random() < 0.5:
            said = {key: rng.choice(REGION[key]) for key in REGION if rng.random() < 0.8}
            found.append(row("region", {"id": rng.choice(REGIONS)} | said))
        else:
            share = rng.choice((0.4, 1.0))
            told = {key: rng.choice(STATION[key]) for key in STATION if rng.random() < share}
            found.append(row("station", {"id": rng.choice(("s1", "s2", "BAD ID"))} | told))
    return found


def places(registry: Registry) -> Places:
    found: Places = {}
    for region in registry.regions():
        model = RegionRow.model_validate(region_columns(region))
        found["region", region.id] = model.model_dump(exclude_none=True)
    for station in registry.stations():
        found["station", station.id] = StationRow.model_validate(columns(station)).model_dump(
            exclude_none=True
        )
    return found


def told(lines: list[Entry]) -> Places:
    """What the log alone says that there is; AssertionError where it contradicts itself."""
    found: Places = {}
    for line in lines:
        kind, _, what = line.action.partition(".")
        known = found.setdefault((kind, line.subject), {})
        if what == "added":
            assert (known, line.before) == ({}, None)
        else:
            assert line.before == {key: known.get(key) for key in line.after}
        known |= line.after
    return {
        place: {key: value for key, value in said.items() if value is not None}
        for place, said in found.items()
    }


def log_of(registry: Registry) -> list[Entry]:
    return list(registry.audit.newest())[::-1]


@pytest.mark.parametrize("seed", range(6))
def test_any_imports_leave_a_tree_and_a_log_from_which_all_of_it_follows(
    registry: Registry, seed: int
) -> None:
    rng = random.Random(seed)
    for _ in range(20):
        rows, before, revision = some_rows(rng), places(registry), registry.revision()
        known, dry = len(log_of(registry)), rng.random() < 0.2
        strict = rng.random() < 0.2
        outcome = registry.take(rows, strict=strict, dry_run=dry)
        after, lines = places(registry), log_of(registry)
        changed = {key for key in before | after if before.get(key) != after.get(key)}
        new = [(line.action.partition(".")[0], line.subject) for line in lines[known:]]
        assert sorted(new) == sorted(changed), "one line for each place that changed, and no other"
        assert (registry.revision() > revision) == bool(changed)
        assert not (changed and (dry or (strict and outcome.refused)))
        assert told(lines) == after
        regions = {one.id: one for one in registry.regions()}
        for one in regions.values():
            above = regions.get(one.parent_id or "")
            assert above is None or LEVELS.index(above.level) < LEVELS.index(one.level)
        if outcome.is_committed and not outcome.refused:
            registry.take(rows)
            assert places(registry) == after, "the same file again changes nothing"
            assert len(log_of(registry)) == len(lines)


def of(registry: Registry) -> dict[str, tuple[str, str | None]]:
    return {one.id: (one.level, one.parent_id) for one in registry.regions()}


def region(name: str, level: str, parent: str = "") -> RawRow:
    return row("region", {"id": name, "name_zh": name, "level": level, "parent": parent})


def test_two_regions_never_lie_in_each_other(registry: Registry) -> None:
    registry.take([region("r1", "city"), region("r2", "district")])
    outcome = registry.take([region("r1", "grid", "r2"), region("r2", "street", "r1")])
    assert [one.raw.values["id"] for one in outcome.refused] == ["r2"]
    assert of(registry) == {"r1": ("grid", "r2"), "r2": ("district", None)}


def test_a_branch_becomes_narrower_in_one_import(registry: Registry) -> None:
    registry.take([region("r1", "district"), region("r2", "street", "r1")])
    branch = [region("r1", "street"), region("r2", "community", "r1")]
    assert registry.take(branch).refused == ()
    assert of(registry) == {"r1": ("street", None), "r2": ("community", "r1")}


def test_what_counted_on_a_refused_region_is_refused_with_it(registry: Registry) -> None:
    rows = [region("r1", "street", "nowhere"), region("r2", "community", "r1")]
    outcome = registry.take([*rows, region("r3", "city")])
    assert [one.fault.column for one in outcome.refused] == ["parent", "parent"]
    assert of(registry) == {"r3": ("city", None)}
