"""A backup taken from a server at work, and brought back elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from tests.server.history.reports import START, busy
from tests.support.filled import fill, reflected
from tests.support.postgres import Postgres
from warmstation_server import claim
from warmstation_server.backup import archive
from warmstation_server.backup.errors import BadBackup
from warmstation_server.backup.restore import restore
from warmstation_server.backup.save import save
from warmstation_server.config import Config, check
from warmstation_server.dead_letters import DeadLetters
from warmstation_server.errors import DataDirInUse
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.places import Region, RegionLevel, Text
from warmstation_server.registry import Registry
from warmstation_server.registry.dump import dump
from warmstation_server.registry.engine import engine_for, transaction, url_of
from warmstation_server.registry.errors import RegistryForeign
from warmstation_server.registry.schema import alembic_config

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DAY = START - timedelta(hours=1), START + timedelta(days=1)


class Place:
    """A server's directory with its server.toml."""

    def __init__(self, folder: Path, registry: str | None = None) -> None:
        folder.mkdir()
        self.file = folder / "server.toml"
        url = "" if registry is None else f'[registry]\nurl = "{registry}"\n'
        self.file.write_text(f'data_dir = "data"\n{url}', "utf-8")

    @property
    def config(self) -> Config:
        return check(self.file)


def rows(url: str) -> dict[str, list[dict[str, Any]]]:
    """All of a registry, by table."""
    engine = engine_for(url_of(url))
    with transaction(engine) as connection:
        found = {
            table.name: [_plain(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in reflected(connection)
        }
    engine.dispose()
    return found


def _plain(row: Any) -> dict[str, Any]:
    """As every kind of database gives it."""
    return {
        name: value.replace(tzinfo=UTC)
        if isinstance(value, datetime) and value.tzinfo is None
        else value
        for name, value in row.items()
    }


def fill_registry(url: str) -> None:
    Registry.open(url).close()
    engine = engine_for(url_of(url))
    with transaction(engine, writes=True) as connection:
        fill(connection)
    engine.dispose()


@pytest.fixture
def old(tmp_path: Path, database: str) -> Iterator[Place]:
    """A server at work, with something of everything; its history is open meanwhile."""
    url = database if "://" in database else f"sqlite:///{database}"
    place = Place(tmp_path / "old", url)
    config = place.config
    config.data_dir.mkdir()
    fill_registry(url)
    with closing(DeadLetters.open(config.dead_letters_path, 10, 10_000)):
        pass
    (config.data_dir / "server.id").write_bytes(b"learned")
    config.authority_dir.mkdir()
    (config.authority_dir / "ca.key").write_text("secret")
    history = SqliteHistory(config.history_path, config.zone_info)
    history.append([busy(seq) for seq in range(1, 1441)])
    yield place
    history.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place, of each kind in turn."""
    if request.param == "sqlite":
        return Place(tmp_path / "new")
    cluster: Postgres = request.getfixturevalue("postgres")
    return Place(tmp_path / "new", cluster.fresh())


def test_every_table_and_a_day_of_history_come_back(old: Place, new: Place, tmp_path: Path) -> None:
    save(old.config, old.file, tmp_path / "b.tar", NOW)
    restore(new.config, tmp_path / "b.tar")
    before, after = rows(old.config.registry_url), rows(new.config.registry_url)
    assert after == before
    assert all(before[table] for table in before)
    with closing(SqliteHistory(new.config.history_path, new.config.zone_info)) as history:
        held = list(history.reports("ks-songnan", *DAY))
        assert held == [busy(seq) for seq in range(1, 1441)]
        (hour,) = history.usage(["ks-songnan"], START, START + timedelta(hours=1), "hour").values()
        assert hour[0].reports == 60
    assert (new.config.data_dir / "server.id").read_bytes() == b"learned"
    assert (new.config.authority_dir / "ca.key").read_text() == "secret"
    with closing(Registry.open(new.config.registry_url)) as registry:
        told = registry.add_rider_report(
            "xx", "cold", "", language="en", client_address="192.0.2.1", now=NOW
        )
        assert told.id == 2  # new rows go on behind those that came with their numbers


def test_a_backup_of_an_older_version_is_migrated(database: str, new: Place) -> None:
    engine = engine_for(url_of(database))
    with transaction(engine, writes=True) as connection:
        command.upgrade(alembic_config(connection), "0002")
        before = fill(connection)
    lines = list(dump(engine))
    engine.dispose()
    with closing(Registry.restored(new.config.registry_url, lines)) as registry:
        assert registry.revision() == before["deployment"]["revision"]
    after = rows(new.config.registry_url)
    assert after["stations"][0]["id"] == before["stations"]["id"]
    assert after["duties"] == []


def test_a_registry_that_is_there_is_left_alone(new: Place, tmp_path: Path) -> None:
    fill_registry(new.config.registry_url)
    before = rows(new.config.registry_url)
    with pytest.raises(RegistryForeign, match="restore into an empty database"):
        Registry.restored(new.config.registry_url, ['{"revision": "0001"}'])
    assert rows(new.config.registry_url) == before


def small(tmp_path: Path) -> tuple[Place, Path]:
    """A server with hardly anything, and its backup."""
    place = Place(tmp_path / "small")
    place.config.data_dir.mkdir()
    Registry.open(place.config.registry_url).close()
    with closing(SqliteHistory(place.config.history_path, place.config.zone_info)) as history:
        history.append([busy(seq) for seq in range(1, 50)])
    save(place.config, place.file, tmp_path / "b.tar", NOW)
    return place, tmp_path / "b.tar"


def test_one_flipped_bit_anywhere_is_found_and_nothing_is_restored(tmp_path: Path) -> None:
    _, path = small(tmp_path)
    whole = path.read_bytes()
    found = 0
    for at in range(600, len(whole), len(whole) // 40):
        bad = bytearray(whole)
        bad[at] ^= 1
        path.write_bytes(bad)
        try:
            archive.check(path)
        except BadBackup:
            found += 1
            there = Place(tmp_path / f"there{at}")
            with pytest.raises(BadBackup):
                restore(there.config, path)
            left = {one.name for one in there.config.data_dir.iterdir()}
            assert left == {"server.lock"}
    assert found > 20  # the rest is padding between the files, and changes nothing
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadBackup):
        archive.check(path)


def test_a_place_in_use_or_with_data_is_refused(tmp_path: Path) -> None:
    place, path = small(tmp_path)
    with pytest.raises(BadBackup, match=r"has a server's \S+ already"):
        restore(place.config, path)
    new = Place(tmp_path / "new")
    with claim.data_dir(new.config.data_dir), pytest.raises(DataDirInUse):
        restore(new.config, path)
    with pytest.raises(BadBackup, match="is there already"):
        save(place.config, place.file, path, NOW)


def test_what_is_no_backup_is_said_so(tmp_path: Path) -> None:
    new = Place(tmp_path / "new")
    (tmp_path / "text").write_text("hello")
    for name in ("text", "nothing"):
        with pytest.raises(BadBackup):
            restore(new.config, tmp_path / name)


def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(tmp_path: Path) -> None:
    place, _ = small(tmp_path)
    path = place.config.history_path
    data = bytearray(path.read_bytes())
    data[8192:12288] = b"\xff" * 4096
    path.write_bytes(data)
    with pytest.raises(BadBackup, match=r"history\.db"):
        save(place.config, place.file, tmp_path / "again.tar", NOW)
    assert not (tmp_path / "again.tar").exists()


def test_a_tree_of_regions_comes_back_whole_whatever_their_order(tmp_path: Path) -> None:
    here = Place(tmp_path / "here")
    there = Place(tmp_path / "there")
    here.config.data_dir.mkdir()
    levels: tuple[RegionLevel, ...] = ("province", "city", "district", "street", "community")
    names = [f"region-{9 - number}" for number in range(len(levels))]
    parents = [None, *names[:-1]]
    tree = [
        Region(name, Text(name), level, parent)
        for name, level, parent in zip(names, levels, parents, strict=True)
    ]
    with closing(Registry.open(here.config.registry_url)) as registry:
        registry.put(tree, ())
    save(here.config, here.file, tmp_path / "b.tar", NOW)
    restore(there.config, tmp_path / "b.tar")
    with closing(Registry.open(there.config.registry_url)) as registry:
        assert {one.id: one for one in registry.regions()} == {one.id: one for one in tree}
        told = {one.subject: one.before for one in registry.audit.newest()}
        assert told == dict.fromkeys(names), "an addition has no before"
