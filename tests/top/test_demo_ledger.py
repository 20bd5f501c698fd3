"""The demo's supplies have a past too: donors, batches, dates, and books that add up."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.support.migrated import migrated
from tests.support.places import REGIONS, station
from tests.support.registered import NOON
from warmstation.demo import ledger
from warmstation_server.registry import Registry
from warmstation_server.supplies.expiry import expiring
from warmstation_server.supplies.gifts import donors
from warmstation_server.supplies.shelf import shelves

STATIONS = [station(f"ks-{n:02}", supplies=("water", "noodles", "biscuits")) for n in range(40)]


def test_a_demo_has_donors_and_batches_of_which_some_expire_soon(tmp_path: Path) -> None:
    with closing(Registry.open(migrated(tmp_path / "registry.db"))) as registry:
        registry.put(REGIONS, STATIONS)
        ledger.written(registry, NOON, 28)
        lines = registry.supplies.entries([one.id for one in STATIONS])
        ledger.written(registry, NOON, 28)
        assert registry.supplies.newest() == len(lines)
        assert registry.supplies.pars()["ks-00", "water"] == ledger.PARS["water"]
    found = shelves(lines)
    assert len(found) == 3 * len(STATIONS)
    assert {one.name for one in donors(found.items())} == set(ledger.DONORS)
    batches = [batch for one in found.values() for batch in one.batches]
    assert not any(batch.is_found for batch in batches)
    assert expiring(batches, NOON.date())
    assert max(one.at for one in lines) <= NOON
    assert max(one.at for one in lines if one.kind == "restock") < NOON - timedelta(days=2)


def test_a_demo_without_a_past_has_no_ledger(tmp_path: Path) -> None:
    with closing(Registry.open(migrated(tmp_path / "registry.db"))) as registry:
        registry.put(REGIONS, STATIONS)
        ledger.written(registry, NOON, 0)
        assert registry.supplies.newest() == 0
