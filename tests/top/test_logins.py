from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.support.migrated import migrated
from tests.support.places import REGIONS, station
from warmstation.demo import logins
from warmstation_server.accounts.passwords import is_right
from warmstation_server.registry import Registry


@pytest.fixture
def config(tmp_path: Path) -> Path:
    with closing(Registry.open(migrated(tmp_path / "server/registry.db"))) as registry:
        registry.put(REGIONS, [station(f"ks-{letter}") for letter in "abcde"])
    file = tmp_path / "server.toml"
    file.write_text('data_dir = "server"\n', encoding="utf-8")
    return file


def test_a_demo_has_three_logins_and_the_second_start_prints_the_same(
    config: Path, tmp_path: Path
) -> None:
    first = logins.ready(tmp_path, config)
    assert [one.role for one in first] == ["admin", "district", "manager"]
    assert first[2].places == ("station:ks-a", "station:ks-b", "station:ks-c")
    config.unlink()  # the second start does not even look at the registry
    assert logins.ready(tmp_path, config) == first
    assert any(first[0].password in line for line in logins.lines(first, 8000))


def test_each_password_works_and_two_demos_have_different_ones(
    config: Path, tmp_path: Path
) -> None:
    first = logins.ready(tmp_path, config)
    (tmp_path / "logins.json").unlink()
    second = logins.ready(tmp_path, config)
    assert {one.password for one in first}.isdisjoint(one.password for one in second)
    with closing(Registry.open(tmp_path / "server" / "registry.db")) as registry:
        assert all(is_right(one.password, registry.people.password_of(one.login)) for one in second)


def test_only_the_user_can_read_the_passwords(config: Path, tmp_path: Path) -> None:
    logins.ready(tmp_path, config)
    assert (tmp_path / "logins.json").stat().st_mode & 0o077 == 0
