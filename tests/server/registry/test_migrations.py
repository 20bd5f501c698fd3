"""From the schema of every revision, with data in every table, to the schema of this version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from tests.support.filled import fill, reflected
from warmstation_server.registry import Registry
from warmstation_server.registry.engine import engine_for, transaction, url_of
from warmstation_server.registry.schema import HEAD, alembic_config
from warmstation_server.registry.tables import Table


def revisions() -> list[str]:
    """All of them, the oldest first; the folder is the truth."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    engine.dispose()
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


@pytest.fixture
def engine(database: str) -> Iterator[sa.Engine]:
    made = engine_for(url_of(database))
    yield made
    made.dispose()


def upgrade(engine: sa.Engine, revision: str) -> None:
    with transaction(engine, writes=True) as connection:
        command.upgrade(alembic_config(connection), revision)


@pytest.mark.parametrize("revision", revisions())
def test_what_a_registry_held_is_there_after_the_migration(
    revision: str, engine: sa.Engine
) -> None:
    upgrade(engine, revision)
    with transaction(engine, writes=True) as connection:
        before = fill(connection)
    with closing(Registry.open(engine.url.render_as_string(hide_password=False))) as registry:
        assert registry.revision() == before["deployment"]["revision"]
    with transaction(engine) as connection:
        after = {table.name: table for table in reflected(connection)}
        for name, row in before.items():
            kept = dict(connection.execute(sa.select(after[name])).mappings().one())
            assert {key: kept[key] for key in row.keys() & kept.keys()} == {
                key: row[key] for key in row.keys() & kept.keys()
            }


def test_the_newest_migration_is_the_one_that_the_registry_asks_for() -> None:
    assert revisions()[-1] == HEAD


def test_the_migrations_make_the_tables_that_the_code_declares(engine: sa.Engine) -> None:
    upgrade(engine, "head")
    with transaction(engine) as connection:
        made = {table.name: table for table in reflected(connection)}
    for table in Table.metadata.sorted_tables:
        there = {column.name: column.nullable for column in made[table.name].columns}
        declared = {column.name: column.nullable for column in table.columns}
        assert there == declared, table.name
