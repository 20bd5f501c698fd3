"""What the tests of more than one room of the server start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.migrated import migrated
from tests.support.postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster for all tests of a session; started by the first that asks."""
    with Postgres() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of each kind in turn: what `Registry.open` takes."""
    if request.param == "sqlite":
        return str(tmp_path / "r.db")
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.fresh()


@pytest.fixture(params=["sqlite", "postgresql"])
def schema(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """As `database`, with this version's tables in it and not a row."""
    if request.param == "sqlite":
        return str(migrated(tmp_path / "r.db"))
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.migrated()
